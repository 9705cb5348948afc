"""The words of the self-check: what its answers, outcomes and mistakes are called (own words, sources in domain.selfcheck)."""

from domain.selfcheck import MANY_PREVENTIVES, MOST_DAYS, MOST_YEARS, Lasting, Point, Question, Wrong

YES_NO = {"yes": "Yes", "no": "No"}
LASTING: dict[str, str] = {Lasting.YES: "Yes", Lasting.NO: "No", Lasting.UNSURE: "I am not sure"}
PREVENTIVES = {"0": "None", "1": "One", "2": "Two", str(MANY_PREVENTIVES): "Three or more"}
URGENT_SIGNS = (
    "a sudden, severe headache that was at its worst within about five minutes",
    "a headache with fever and a stiff neck, a rash or confusion",
    "a headache with weakness, numbness, trouble speaking, sudden loss of sight, a fit, fainting or unusual drowsiness",
    "a headache after a head injury",
    "a painful red eye with blurred sight",
    "a severe headache in pregnancy or in the six weeks after birth",
    (
        "hours to weeks after botulinum toxin injections: trouble breathing, swallowing or speaking, weakness that spreads, "
        "double vision, or swelling, wheezing or hives"
    ),
)
WARNING_SIGNS = {
    "new": "My first headache of this kind came after the age of 50",
    "change": "My headaches have clearly changed, or keep getting worse",
    "effort": "Coughing, straining, exercise or a change of posture brings the headache on",
    "immunity": "I have cancer or weak immunity",
    "scalp": "My jaw hurts or my scalp is tender",
    "painkillers": "I take simple painkillers on 15 or more days a month, or triptans, opioids, ergots or combination "
    "painkillers on 10 or more",
}
REASONS = {
    Point.ADULT_ONLY: "You are under 18, and this treatment is for adults",
    Point.CHECK_HEADACHE_FIRST: "One of your answers means that the headache itself should be checked first",
    Point.KEEP_DIARY: "It is not clear yet how many days you have, or for how long; a headache diary will show it",
    Point.PREGNANCY: "Too little is known about this treatment in pregnancy and while breast-feeding",
    Point.NERVE_OR_MUSCLE: "A nerve or muscle disease, or trouble swallowing or breathing, calls for extra care",
    Point.INFECTION: "The product label advises against injections where there is an infection",
    Point.ALLERGY: "The product label advises against this treatment after an allergic reaction to a botulinum toxin",
    Point.MEDICINE: "Some antibiotics, muscle relaxants, blood thinners and recent botulinum toxin injections call for extra care",
}
NOTES = {
    Point.FEW_PREVENTIVES: "Other preventive medicines usually come first, and you have tried fewer than two.",
    Point.OVERUSE: "You take painkillers on 10 or more days a month. Taken too often, they can themselves cause headache; "
    "plan with a doctor how to take fewer.",
    Point.PREGNANCY: "Tell your doctor that you are pregnant, trying to be, or breast-feeding.",
    Point.NERVE_OR_MUSCLE: "Tell your doctor about the nerve or muscle disease, or the trouble swallowing or breathing.",
    Point.INFECTION: "Tell your doctor about the infection.",
    Point.ALLERGY: "Tell your doctor about the allergic reaction to a botulinum toxin.",
    Point.MEDICINE: "Tell your doctor about the antibiotic, muscle relaxant, blood thinner or earlier botulinum toxin.",
}
_MISSING = {
    Question.URGENT_SIGN: "Choose yes or no: do you have any of these signs?",
    Question.AGE: "Enter your age in years",
    Question.LASTING: "Choose whether it has been so for more than three months",
}
_DAYS = f"as a whole number from 0 to {MOST_DAYS}, or leave this empty"
_NUMBERS = {
    Question.AGE: f"Enter your age as a whole number from 0 to {MOST_YEARS}",
    Question.HEADACHE_DAYS: f"Enter the days with headache {_DAYS}",
    Question.MIGRAINE_DAYS: f"Enter the days with migraine {_DAYS}",
    Question.PAINKILLER_DAYS: f"Enter the days with painkillers {_DAYS}",
}


def mistake(question: Question, wrong: Wrong) -> str:
    """What to do about a wrong answer."""
    if wrong is Wrong.TOO_MANY:
        return "The days with migraine cannot be more than the days with headache"
    return (_MISSING if wrong is Wrong.MISSING else _NUMBERS)[question]
