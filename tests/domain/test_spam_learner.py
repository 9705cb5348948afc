"""The learner counts, forgets without a trace, names no one, and spams nothing before it knows enough."""

import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from domain import spam
from domain.spam import Outcome, Submission, counts, score, threshold
from domain.spam.features import BUCKETS, MAX_WORDS, Kind, features
from domain.spam.threshold import SpamThreshold
from tests.conftest import NOON
from tests.domain.plans import plans
from tests.domain.spam_texts import GOOD, SPAM, texts

ENOUGH = 100
"""Good comments that are enough in these tests; a thousand take long."""
ADVERT = "Subscribe to my channel and earn per day"


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threshold, "GOOD_NEEDED", ENOUGH)


def teach(session: Session, spam_texts: list[str], good: list[str]) -> None:
    spam.learn(session, spam_texts, is_spam=True)
    spam.learn(session, good, is_spam=False)


def log_odds(session: Session, text: str) -> float:
    found = features(text)
    return score.log_odds(found, counts.read(session, found))


def limit(session: Session, value: float, good: int = ENOUGH) -> None:
    session.merge(SpamThreshold(id=1, set_at=NOON, log_odds=value, slope=1.0, offset=0.0, good=good, spam=100))
    session.flush()


def test_a_word_of_spam_speaks_against_a_text_and_is_named_with_its_counts(session: Session) -> None:
    teach(session, ["subscribe now"] * 31, ["the diary helped"] * 40)
    verdict = spam.judge(session, Submission("Please subscribe"))
    assert (verdict.outcome, verdict.learned) == (Outcome.HOLD, ("seen:31:0:subscribe", "like-spam"))
    assert spam.judge(session, Submission("The diary helped")).outcome is Outcome.CLEAN


def test_with_few_lessons_the_learner_says_nothing(session: Session) -> None:
    teach(session, ["subscribe now"] * 19, ["the diary helped"] * 40)
    assert spam.judge(session, Submission("subscribe now")).outcome is Outcome.CLEAN


@pytest.mark.parametrize(
    ("good", "above", "outcome", "why"),
    [
        (ENOUGH - 1, -1.0, Outcome.HOLD, "one good comment short"),
        (ENOUGH, -1.0, Outcome.SPAM, "enough, and beyond"),
        (ENOUGH, 1.0, Outcome.HOLD, "not beyond"),
        (ENOUGH, None, Outcome.HOLD, "never evaluated"),
    ],
)
def test_the_learner_alone_spams_only_beyond_a_limit_set_on_enough_good_ones(
    session: Session, good: int, above: float | None, outcome: Outcome, why: str
) -> None:
    teach(session, texts(SPAM, 50), texts(GOOD, good))
    if above is not None:
        limit(session, log_odds(session, ADVERT) + above)
    assert spam.judge(session, Submission(ADVERT)).outcome is outcome, why


def test_a_thousand_good_comments_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert (threshold.GOOD_NEEDED, threshold.MOST_GOOD_IN_SPAM) == (1000, 0.003)


def test_a_limit_that_stands_on_few_good_ones_spams_nothing(session: Session) -> None:
    teach(session, texts(SPAM, 50), texts(GOOD, ENOUGH))
    limit(session, 0.0, good=ENOUGH - 1)
    assert spam.judge(session, Submission(ADVERT)).outcome is Outcome.HOLD


def test_the_chance_is_named_where_it_is_known(session: Session) -> None:
    teach(session, texts(SPAM, 100), texts(GOOD, 100))
    limit(session, 50.0)
    assert spam.judge(session, Submission(ADVERT)).learned[-1] == "like-spam:99"


def test_after_unlearning_everything_is_as_if_it_had_never_been_learned(session: Session) -> None:
    teach(session, texts(SPAM, 50), texts(GOOD, 50))
    asked = [ADVERT, *texts(SPAM, 10, seed=2), *texts(GOOD, 10, seed=3), "new words altogether"]
    before = [(log_odds(session, text), spam.judge(session, Submission(text))) for text in asked]
    strange = ["The diary is free, subscribe", "نیا لفظ altogether", ADVERT]
    spam.learn(session, strange, is_spam=False)
    assert [log_odds(session, text) for text in asked] != [odds for odds, _ in before]
    teach(session, ["later lessons stay"], ["as they are"])
    for text in strange:
        spam.unlearn(session, [text], is_spam=False)
    spam.unlearn(session, ["later lessons stay"], is_spam=True)
    spam.unlearn(session, ["as they are"], is_spam=False)
    assert [(log_odds(session, text), spam.judge(session, Submission(text))) for text in asked] == before


def test_to_leave_a_text_out_is_to_unlearn_it(session: Session) -> None:
    teach(session, texts(SPAM, 30), [*texts(GOOD, 30), ADVERT])
    found = features(ADVERT)
    left_out = score.log_odds(found, counts.read(session, found).without(found, is_spam=False))
    spam.unlearn(session, [ADVERT], is_spam=False)
    assert left_out == log_odds(session, ADVERT)


def test_what_is_unlearned_and_was_never_learned_stops_no_verdict(session: Session) -> None:
    teach(session, texts(SPAM, 30), texts(GOOD, 30))
    for lesson in (True, False):
        spam.unlearn(session, [f"{ADVERT} and strange words"] * 40, is_spam=lesson)
    assert spam.judge(session, Submission(f"{ADVERT} and strange words")).outcome is Outcome.CLEAN
    counts.start_anew(session)
    spam.unlearn(session, ["strange words"], is_spam=True)
    assert log_odds(session, "strange words") == 0


def test_the_order_of_lessons_does_not_matter(session: Session) -> None:
    teach(session, texts(SPAM, 30), texts(GOOD, 30))
    one = log_odds(session, ADVERT)
    counts.start_anew(session)
    assert log_odds(session, ADVERT) == 0
    for text in reversed(texts(GOOD, 30)):
        spam.learn(session, [text], is_spam=False)
    spam.learn(session, list(reversed(texts(SPAM, 30))), is_spam=True)
    assert log_odds(session, ADVERT) == one


def test_every_process_finds_the_same_buckets() -> None:
    code = f"from domain.spam.features import features; print([one.bucket for one in features({ADVERT!r})])"
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str([one.bucket for one in features(ADVERT)])


@pytest.mark.parametrize(
    "text",
    [
        "mail me at sana@example.com",
        "call 0300 1234567",
        "+92-300-1234567",
        "CNIC 61101-1234567-1",
        "on 2026-11-28",
        "@sana_ali hello",
    ],
)
def test_no_address_number_date_or_account_is_a_feature(text: str) -> None:
    typed = {feature.word for feature in features(text)}
    facts = {"links", "length", "capitals", "digits", "calls"}
    assert not [word for word in typed if "@" in word or "sana" in word or "example" in word]
    assert not [word for word in typed if re.search(r"\d", word) and word.split()[0] not in facts]


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("in 7 days", ["in", "days", "(one digit)"], "short"),
        ("earn $500 now", ["earn", "now", "(three digits of money)"], "money"),
        ("62% of 14,000,000", ["of", "(two digits per cent)", "(more digits)"], "a part, and a large one"),
        ("at 5pm", ["at", "(one digit)"], "with a unit"),
        ("sana99@example.com", [], "an address"),
        ("see bit.ly/123", ["see", "(link)", "bit.ly"], "a web address is one"),
    ],
)
def test_of_a_number_only_its_length_is_learned_and_whether_it_is_money(text: str, words: list[str], why: str) -> None:
    assert [feature.word for feature in features(text) if feature.kind is Kind.WORD] == words, why


def test_calls_count_together_with_links() -> None:
    asked = ("hello", "subscribe", "subscribe, click www.a.example", "see www.a.example and www.b.example")
    joint = [next(one.word for one in features(text) if one.word.startswith("links ")) for text in asked]
    assert joint == ["links 0 calls 0", "links 0 calls 1", "links 1 calls 2", "links 2 calls 0"]


def test_words_are_named_by_strength_and_only_those_that_were_seen(session: Session) -> None:
    teach(session, ["subscribe now"] * 31, ["the diary now"] * 40)
    found = features("subscribe to the diary altogether")
    named = score.words(found, counts.read(session, found))
    assert {one.feature.word for one in named} == {"subscribe", "the", "diary"}
    assert [abs(one.weight) for one in named] == sorted((abs(one.weight) for one in named), reverse=True)


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=80))
def test_no_text_makes_a_feature_with_an_at_or_five_digits(text: str) -> None:
    found = features(text)
    assert not [one for one in found if "@" in one.word or sum(c.isdigit() for c in one.word) > 4]
    assert all(0 <= one.bucket < BUCKETS for one in found)


def test_a_long_text_is_read_at_both_ends_and_costs_no_more() -> None:
    words = ["a" + "bcdefghijk"[number % 10] * (number // 10 + 1) for number in range(1500)]
    read = {feature.word for feature in features(" ".join(words)[:5000])}
    assert "ab" in read
    assert len(read) < 3 * MAX_WORDS


def test_a_verdict_reads_the_tables_by_their_keys(session: Session) -> None:
    teach(session, texts(SPAM, 60), texts(GOOD, 60))
    limit(session, 1.0)
    session.expire_all()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("INSERT INTO spam_bucket SELECT n, 1, 1 FROM generate_series(0, 50000) n ON CONFLICT DO NOTHING"))
        session.execute(sa.text("ANALYZE spam_bucket"))
    asked = [line for line in plans(session, lambda: spam.judge(session, Submission(ADVERT))) if "spam_bucket" in line]
    assert asked
    assert not [line for line in asked if re.search(r"SCAN spam_bucket|Seq Scan on spam_bucket", line)], asked


def test_a_text_without_any_feature_in_the_tables_is_asked_for_like_any_other(session: Session) -> None:
    teach(session, ["subscribe"] * 2, ["diary"])
    known = counts.read(session, [])
    assert (known.buckets, known.comments) == ({}, (2, 1))
    assert counts.read(session, features("subscribe")).totals == counts.totals(session)


def test_a_text_is_compared_with_those_that_share_a_number_only(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    asked = plans(session, lambda: spam.sketch.last_alike(session, "one two three four five six seven eight nine ten", NOON))
    assert [line for line in asked if "spam_sketch" in line]
    assert not [line for line in asked if re.search(r"SCAN spam_sketch|Seq Scan on spam_sketch", line)], asked


def test_the_limit_leaves_three_good_ones_of_a_thousand_beyond() -> None:
    good = [float(number) for number in range(1000)]
    assert sum(value > threshold.beyond_good(good) for value in good) == 3
    assert threshold.beyond_good([1.0, 2.0]) == 2.0, "of few not one"
    with pytest.raises(ValueError, match="no good"):
        threshold.beyond_good([])


def _labelled(draw: random.Random, good: int, bad: int, wrong: float) -> tuple[list[float], list[float], list[float]]:
    """Log-odds of what was called good, of what was called spam, and of what is good, with a share of wrong labels."""
    truly_good = [draw.gauss(-6, 2.5) for _ in range(good)]
    truly_bad = [draw.gauss(8, 4) for _ in range(bad)]
    swapped_good, swapped_bad = int(wrong * good), int(wrong * bad)
    called_good = truly_good[swapped_good:] + truly_bad[:swapped_bad]
    return called_good, truly_bad[swapped_bad:] + truly_good[:swapped_good], truly_good


@pytest.mark.parametrize(("wrong", "caught"), [(0.0, 0.8), (0.01, 0.2), (0.05, 0.5), (0.1, 0.5), (0.2, 0.5)])
@pytest.mark.parametrize("seed", range(5))
def test_wrong_labels_neither_lift_the_limit_out_of_reach_nor_block_good_ones(wrong: float, caught: float, seed: int) -> None:
    called_good, called_bad, truly_good = _labelled(random.Random(seed), 2000, 1000, wrong)
    limit = threshold.limit(called_good, called_bad)
    assert limit <= threshold.beyond_good(called_good)
    assert sum(value > limit for value in truly_good) <= threshold.MOST_GOOD_IN_SPAM * len(truly_good)
    assert sum(value > limit for value in called_bad) > caught * len(called_bad)


def test_where_labels_are_right_the_order_of_the_good_ones_alone_sets_the_limit() -> None:
    good, bad = [float(number) for number in range(1000)], [float(number) for number in range(900, 1300)]
    assert threshold.limit(good, bad) == threshold.beyond_good(good)
    assert threshold.limit(good, []) == threshold.beyond_good(good)


def test_where_most_is_labelled_wrong_nothing_is_taken_off() -> None:
    good, bad = [10.0] * 90 + [-1.0] * 10, [9.0] * 30 + [-2.0] * 10
    assert threshold.limit(good, bad) == threshold.beyond_good(good)


def test_chances_are_what_was_seen_and_never_certain() -> None:
    good, bad = [-3.0, -2.0, -1.0, 1.0] * 50, [3.0, 2.0, 1.0, -1.0] * 50
    slope, offset = threshold.calibration(good, bad)
    found = threshold.Limit(good=200, log_odds=0.0, slope=slope, offset=offset)
    assert (found.chance(0.0), found.chance(1000.0), found.chance(-1000.0)) == (50, 99, 1)
    assert 45 <= found.chance(1.0) <= 80, "half of those at 1 were spam"


def test_text_that_says_nothing_new_leaves_the_prior(session: Session) -> None:
    teach(session, ["subscribe now"] * 30, ["the diary helped"] * 30)
    judged = spam.judge(session, replace(Submission("words never seen"), hold_links=9))
    assert judged.outcome is Outcome.CLEAN
