"""Comments as readers write them, for measuring what a page weighs: invented words compress worse, a few repeated texts better."""

from random import Random

from benchmarks.texts import FIRST, LAST

SENTENCES = (
    "I have had migraine since I was at school, and nobody in my family believed it was more than tiredness.",
    "My neurologist asked me to keep a diary for three months before we talked about anything else.",
    "Counting the days was the hardest part, because I had stopped noticing the smaller headaches.",
    "Does anybody here know whether the injections hurt more than a blood test?",
    "For me it was about twenty minutes in the chair and then straight back to work.",
    "The second round went better than the first, and I was told that this is quite usual.",
    "I took painkillers on most days and did not know that they could make it worse.",
    "It did not work for me at all, and I wish somebody had told me how many people that happens to.",
    "Thank you for putting the placebo beside the real numbers.",
    "Bright screens and the smell of petrol are the worst for me, more than anything I eat.",
    "My eyelid felt heavy for about ten days, then it was gone.",
    "How long should I wait before I decide that it has not helped?",
    "In Ramadan my attacks come nearly every afternoon, and I have not found anything against it yet.",
    "Light-sensitive people will be glad that this page can be read in the dark.",
    "I printed the calendar and my daughter fills it in when I cannot look at paper.",
    "What does a good month look like for other people who live with this?",
    "After the third visit I was down from twenty days to eleven, which changed my life.",
    "Please write about neck pain too, since I can never tell which of the two comes first.",
    "I am breastfeeding, so my doctor and I agreed to wait.",
    "Could you say more about what happens when the treatment is stopped after a year?",
    "The traffic on the way to Rawalpindi is enough to start one.",
    "My mother had the same and was only ever given stronger tablets.",
    "I would like to hear from somebody older than sixty who has tried it.",
    "Nobody had explained to me before why two courses are needed to judge it.",
    "Sleep is what helps me, a dark room and no telephone for two hours.",
    "Is there a difference between the brands, or is it only the name?",
    "I was afraid of needles and it was much less than I had imagined.",
    "The numbers are smaller than I had hoped, but they are honest.",
    "Weather changes do it every time, above all the days before the monsoon.",
    "Some weeks I forget what it is like to have a clear head.",
    "I am a teacher, and standing in front of a class with an aura is frightening.",
    "Can it be combined with the tablets that I take for blood pressure?",
    "My shoulders were stiff for a few days after the last visit.",
    "It helped my sister but not me, although we have the same kind of attacks.",
    "Drinking more water did very little, whatever people say.",
    "I cried when I read the part about days that are simply lost.",
    "Where can I find the trial that is named in the second table?",
    "The diary showed that I had nine days of painkillers in one month, which surprised my doctor too.",
    "I keep a small bag with sunglasses and ginger biscuits in every room.",
    "Thank you, this is the first page that I could follow to the end.",
)


def comments(count: int, seed: int = 20261128) -> list[tuple[str, str]]:
    """So many names and texts of one to four sentences; always the same ones."""
    random = Random(seed)  # nothing secret  # nosec
    return [
        (f"{random.choice(FIRST)} {random.choice(LAST)}", " ".join(random.sample(SENTENCES, random.randint(1, 4))))
        for _ in range(count)
    ]
