"""Whose comments appear at once when the owner says so, and whose go to the trash for a while."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain import audit, comments, networks, readers
from domain.comments import Comment, Rules, Status, blocks
from domain.comments.blocks import Target
from tests.conftest import NOON
from tests.domain.test_comments import owner_id
from tests.factories import approved_comment, comment_draft, run_retention, submit_comment

SANA = "sana@example.com"
TRUST = Rules(trusts_authors=True)
DAY = timedelta(days=1)


def known(session: Session, *, confirmed: bool = True, name: str = "Sana A.") -> None:
    """Somebody with an approved comment."""
    approved_comment(session, NOON - DAY, email=SANA, name=name)
    reader = readers.keep(session, SANA, NOON)
    if confirmed:
        readers.confirm(reader, NOON)
    session.flush()


def next_one(session: Session, rules: Rules = TRUST, **changes: object) -> Comment:
    draft = comment_draft(**({"email": SANA, "name": "Sana A."} | changes))
    return submit_comment(session, NOON, draft, rules=rules, notify=["a@example.com"], protected=["Dynamic Clinic"])


def test_a_confirmed_author_with_an_approved_comment_is_published_at_once(session: Session) -> None:
    known(session)
    comment = next_one(session)
    assert (comment.status, comment.shown) == (Status.APPROVED, True)
    assert comments.page(session, comment.article_id, 1, size=10, newest_first=False).approved == 2


def test_nobody_is_trusted_unless_the_owner_says_so(session: Session) -> None:
    known(session)
    assert next_one(session, Rules()).status is Status.HELD


def test_an_address_that_nobody_confirmed_is_not_trusted(session: Session) -> None:
    known(session, confirmed=False)
    assert next_one(session).status is Status.HELD


def test_a_confirmed_address_without_an_approved_comment_is_not_trusted(session: Session) -> None:
    readers.confirm(readers.keep(session, SANA, NOON), NOON)
    assert next_one(session).status is Status.HELD


def test_who_was_once_rejected_is_not_trusted(session: Session) -> None:
    known(session)
    submit_comment(session, NOON - DAY, comment_draft(email=SANA, text="http://a.pk http://b.pk http://c.pk"))
    assert next_one(session).status is Status.HELD


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Somebody else"}, "a guesser who knows the address does not know the name"),
        ({"text": "Call me on 0300-1234567."}, "a personal detail"),
        ({"text": "See http://a.pk and http://b.pk."}, "as many links as the owner has held"),
        ({"name": "Dynamic Clinic"}, "the clinic's name"),
    ],
)
def test_a_reason_to_look_holds_also_whom_we_trust(session: Session, changes: dict[str, str], why: str) -> None:
    known(session)
    assert next_one(session, **changes).status is Status.HELD, why


@pytest.mark.parametrize(("links", "held_from", "status"), [(1, 2, "approved"), (2, 2, "held"), (2, 3, "approved"), (3, 3, "held")])
def test_links_hold_from_the_number_the_owner_sets(session: Session, links: int, held_from: int, status: str) -> None:
    known(session)
    text = " ".join(f"http://{n}.pk" for n in range(links))
    assert next_one(session, Rules(trusts_authors=True, hold_links=held_from), text=text).status.value == status


def test_more_links_than_are_held_are_spam(session: Session) -> None:
    text = " ".join(f"http://{n}.pk" for n in range(6))
    assert next_one(session, Rules(hold_links=5), text=text).status is Status.SPAM
    assert next_one(session, Rules(hold_links=6), text=text, email="omar@example.com").status is Status.HELD


def block(session: Session, target: Target, value: str, days: int = 7) -> blocks.CommentBlock:
    return blocks.add(session, target, value, lasts=timedelta(days=days), note="", by=owner_id(session), now=NOON)


@pytest.mark.parametrize(
    ("target", "value", "email", "blocked"),
    [
        (Target.ADDRESS, "sana@example.com", "Sana@Example.com", True),
        (Target.ADDRESS, "sana@example.com", "omar@example.com", False),
        (Target.HOST, "example.com", "anybody@example.com", True),
        (Target.HOST, "example.com", "anybody@mail.example.com", True),
        (Target.HOST, "example.com", "anybody@notexample.com", False),
        (Target.NETWORK, "fingerprint", "anybody@example.org", True),
        (Target.NETWORK, "another", "anybody@example.org", False),
    ],
)
def test_what_is_blocked_goes_to_the_trash_with_its_reason(
    session: Session, target: Target, value: str, email: str, blocked: bool
) -> None:
    block(session, target, value)
    comment = submit_comment(session, NOON, comment_draft(email=email), network="fingerprint")
    assert comment.status is (Status.TRASH if blocked else Status.HELD)
    assert comment.reasons == ([f"blocked-{target.value}"] if blocked else [])


def test_a_block_ends_by_itself_and_is_forgotten(session: Session) -> None:
    block(session, Target.HOST, "example.com", days=7)
    assert submit_comment(session, NOON + timedelta(days=7)).status is Status.HELD
    run_retention(session, NOON + timedelta(days=7))
    session.expire_all()
    assert session.query(blocks.CommentBlock).count() == 0


def test_a_network_is_blocked_for_thirty_days_at_most(session: Session) -> None:
    assert block(session, Target.NETWORK, "fingerprint", days=300).until == NOON + timedelta(days=30)


def test_a_block_holds_over_the_change_of_the_networks_key(session: Session) -> None:
    december = NOON + timedelta(days=10)
    before, now = (networks.fingerprint("203.0.113.7", "key", at) for at in (NOON, december))
    assert before is not None
    assert networks.fingerprint("203.0.113.7", "key", networks.month_before(december)) == before != now
    block(session, Target.NETWORK, before, days=30)
    assert submit_comment(session, december, network=now, earlier_network=before).status is Status.TRASH


def test_a_block_of_the_same_again_replaces_the_first(session: Session) -> None:
    block(session, Target.HOST, "example.com", days=7)
    second = block(session, Target.HOST, "example.com", days=1)
    assert [row.id for row in blocks.current(session, NOON)] == [second.id]


def test_a_lifted_block_is_over_and_the_audit_log_names_no_address(session: Session) -> None:
    made = block(session, Target.ADDRESS, SANA)
    assert blocks.lift(session, made.id, by=owner_id(session), now=NOON)
    assert not blocks.lift(session, made.id, by=owner_id(session), now=NOON)
    session.flush()
    assert submit_comment(session, NOON, comment_draft(email=SANA)).status is Status.HELD
    entries = [(entry.action, entry.subject, entry.detail) for entry in audit.page(session)]
    assert entries[:2] == [
        ("block lifted", f"block {made.id}", {"target": "address"}),
        ("block added", f"block {made.id}", {"target": "address"}),
    ]
