"""What looks like spam is named and sorted, never refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from domain import spam
from domain.spam import MAX_LINKS, Outcome, Past, Signals, Submission, Verdict
from domain.spam.normalise import plain
from domain.spam.signals import SPAM, look
from domain.spam.sketch import ALIKE, MOST_WORDS, marks

EVERYTHING = (
    Submission(
        "Great post, cheapest flights: https://a.example bit.ly/x <a href=x> \u0441heap and so on, with much more about them all",
        Signals(True, True, typed_in=0),
        name="Cheap Loans",
        email_key="a@yopmail.com",
        past=Past(1, 1, 9),
        repeated=3,
        about="<p>Migraine</p>",
    ),
    Submission("Купить дешёвые таблетки", name="www.pills.example"),
)
TRAPPED = Signals(honeypot_filled=True)
LONG = "It helped me through the winter, and I am glad that I asked here first."


@pytest.mark.parametrize(
    ("text", "signals", "verdict", "why"),
    [
        ("It helped me.", Signals(), Verdict(Outcome.CLEAN), "plain words"),
        ("", Signals(), Verdict(Outcome.CLEAN), "nothing"),
        ("see https://example.com", Signals(), Verdict(Outcome.HOLD, ("links:1",)), "a source"),
        ("https://a.example https://b.example", Signals(), Verdict(Outcome.HOLD, ("links:2",)), "two sources"),
        ("https://a.example www.b.example [url=x]c", Signals(), Verdict(Outcome.SPAM, ("links:3",)), "three, in three writings"),
        (
            "HTTP://A.EXAMPLE\nhttp://b.example,http://c.example d",
            Signals(),
            Verdict(Outcome.HOLD, ("links:2",)),
            "one word, one link",
        ),
        ("It helped me.", TRAPPED, Verdict(Outcome.SPAM, ("honeypot",)), "only programs fill it in"),
        ("It helped me.", Signals(is_cross_site=True), Verdict(Outcome.HOLD, ("cross-site",)), "an old browser may say so"),
        ("https://a.example", Signals(True, True), Verdict(Outcome.SPAM, ("honeypot", "cross-site", "links:1")), "all is named"),
        ("See section 3.www and e.g. Wwwhat", Signals(), Verdict(Outcome.CLEAN), "www is no address by itself"),
    ],
)
def test_verdict(session: Session, text: str, signals: Signals, verdict: Verdict, why: str) -> None:
    assert spam.judge(session, Submission(text, signals)) == verdict, why


def test_links_up_to_the_limit_alone_are_no_spam(session: Session) -> None:
    texts = [" ".join(f"https://{number}.example" for number in range(count)) for count in range(MAX_LINKS + 2)]
    assert [spam.judge(session, Submission(text)).is_spam for text in texts] == [False] * (MAX_LINKS + 1) + [True]


@pytest.mark.parametrize(
    ("it", "codes", "why"),
    [
        (Submission("Look: bit.ly/x1"), ["short-address"], "where it leads is hidden"),
        (Submission('<a href="x">pills</a>'), ["link-markup"], "no field asks for HTML"),
        (Submission("[pills](https://a.example)"), ["links:1", "link-markup"], "Markdown"),
        (Submission(LONG, Signals(typed_in=0)), ["typed-in:1"], "no fingers are as fast"),
        (Submission(LONG, Signals(typed_in=2)), ["typed-in:3"], "nor these"),
        (Submission(LONG, Signals(typed_in=3)), [], "a fast typist with some help"),
        (Submission(LONG), [], "without script nothing is known"),
        (Submission("It helped me.", Signals(typed_in=0)), [], "short words"),
        (Submission(f"Yes. www.{'a' * 70}.example", Signals(typed_in=0)), ["links:1"], "an address that was pasted"),
        (Submission("Much the same", repeated=14), ["repeated:14"], "it came before"),
        (Submission("Buy \u0441heap \u0440ills"), ["disguised:2"], "Cyrillic letters in Latin words"),
        (Submission("Купить дешёвые таблетки"), ["other-script"], "Russian"),
        (Submission("یہ مضمون بہت اچھا ہے"), [], "Urdu is at home"),
        (Submission("Yeh mazmoon bohat acha hai"), [], "so is Roman Urdu"),
        (Submission("Dose of 5 µg, naïve, Σ"), [], "a Greek letter or two"),
        (Submission("Thanks", name="Cheap Loans"), ["name-keyword"], "a trade"),
        (Submission("Thanks", name="www.pills.example"), ["name-address"], "an address"),
        (Submission("Thanks", name="Dr. Net Ali"), [], "a name"),
        (Submission("Thanks", email_key="a@mailinator.com"), ["disposable-mail"], "thrown away"),
        (Submission("Thanks", past=Past(spam_of_address=2)), ["address-in-spam:2"], "known"),
        (Submission("Thanks", past=Past(spam_of_network=1)), ["network-in-spam:1"], "known"),
        (Submission("Thanks", past=Past(within_hour=3)), [], "a family"),
        (Submission("Thanks", past=Past(within_hour=9)), ["rate:9"], "no family"),
        (Submission("Great article, keep it up!"), [], "praise alone is kind"),
        (Submission("Great article! https://a.example"), ["links:1", "praise"], "praise with an aim"),
        (Submission("Cheap flights today https://a.example", about="<p>Migraine"), ["links:1"], "few words"),
        (Submission("Cheapest flights around Europe https://a.example", about="<p>Migraine</p>"), ["links:1", "off-topic"], "else"),
        (Submission("Cheapest flights around Europe", about="<p>Migraine</p>"), [], "nothing to gain"),
        (Submission("Flights worsen migraines always https://a.example", about="<p>Migraine</p>"), ["links:1"], "a form of a word"),
        (Submission("This shirt &amp; tie"), [], "a character reference is no code"),
    ],
)
def test_signals(it: Submission, codes: list[str], why: str) -> None:
    assert [finding.code for finding in look(it)] == codes, why


def test_one_weak_signal_is_no_spam_and_several_together_are() -> None:
    weak = [look(Submission("Thanks", name="Cheap Loans")), look(Submission("x", email_key="a@yopmail.com"))]
    weak.append(look(Submission(LONG, Signals(typed_in=0))))
    assert all(finding.weight < SPAM for findings in weak for finding in findings)
    together = look(Submission("Great post! bit.ly/x", name="Cheap Loans", email_key="a@yopmail.com"))
    assert sum(finding.weight for finding in together) >= SPAM


@pytest.mark.parametrize(
    ("text", "same", "why"),
    [
        ("su\u200bbscribe\ufeff", "subscribe", "invisible characters"),
        ("ｓｕｂｓｃｒｉｂｅ", "subscribe", "wide letters"),
        ("su\u0455\u0441ri\u0432e", "suscribe", "Cyrillic letters"),
        ("Ѕubscribe", "Subscribe", "a capital one"),
        ("s u b s c r i b e now", "subscribe now", "letters one by one"),
        ("it&#39;s <b>here</b> &amp; now", "it's here & now", "HTML"),
        ("I am a b c", "I am a b c", "a few short words"),
        ("Привет мир", "Привет мир", "Russian stays Russian"),
        ("آ\u200cپ", "آپ", "joiners in Urdu"),
    ],
)
def test_what_looks_alike_is_read_alike(text: str, same: str, why: str) -> None:
    assert plain(text) == same, why


def test_sketches_know_much_the_same_text_again_and_no_other() -> None:
    one = "Earn five thousand rupees every day from home with this simple method that my cousin has shown me, ask for it now"
    near = one.replace("ask for it now", "ask for it today") + "!"
    other = "My migraine began when I was at college, and the diary has helped me to see which days are the worst of the month"
    assert len(set(marks(one)) & set(marks(near))) >= ALIKE
    assert not set(marks(one)) & set(marks(other))
    assert marks("Thank you very much, doctor") == [], "short thanks are alike by chance"


def test_what_was_noticed_of_request_and_sender_is_told_by_its_reasons() -> None:
    sent = Submission(LONG, Signals(True, True, typed_in=2), past=Past(3, 2, 9))
    codes = [finding.code for finding in look(sent)]
    assert spam.as_sent([*codes, "like-spam", "seen:31:0:subscribe", "word:x:y"]) == (sent.signals, sent.past)
    assert spam.as_sent([]) == (Signals(), Past())


def test_every_signal_and_no_other_thing_has_its_name_among_the_reasons() -> None:
    assert {finding.code.partition(":")[0] for it in EVERYTHING for finding in look(it)} == spam.REASONS - {"seen", "like-spam"}
    assert spam.WEAK_REASONS < spam.REASONS


def test_of_a_long_text_the_beginning_is_compared() -> None:
    words = [f"word{number}" for number in range(MOST_WORDS + 50)]
    assert marks(" ".join(words)) == marks(" ".join([*words[:MOST_WORDS], "and", "an", "end"]))


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=80), st.booleans(), st.booleans())
def test_any_text_has_findings_whose_codes_are_short(text: str, honeypot: bool, cross_site: bool) -> None:
    found = look(Submission(text, Signals(honeypot, cross_site), name=text[:100], repeated=len(marks(text)) or None))
    assert (("honeypot" in [finding.code for finding in found]), all(len(finding.code) < 40 for finding in found)) == (
        honeypot,
        True,
    )
