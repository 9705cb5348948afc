"""Taking personal details out of a comment: once, with its history, seen by readers when it is public."""

import pytest
from sqlalchemy.orm import Session

from domain import audit, comments, site_version
from domain.comments import Forbidden, How, Status
from tests.conftest import NOON
from tests.domain.test_comments import events, owner_id
from tests.factories import comment_draft, submit_comment

TEXT = "Call 0300-1234567 or a@b.pk, I am up late."


def commented(session: Session, status: Status, text: str = TEXT) -> comments.Comment:
    comment = submit_comment(session, NOON, comment_draft(text=text))
    if status is Status.WITHDRAWN:
        comments.withdraw(session, comment.id, NOON)
    elif status is not Status.HELD:
        comments.set_status(session, comment.id, status, by=owner_id(session), how=How.WEB, now=NOON)
    session.flush()
    return comment


@pytest.mark.parametrize("status", [Status.HELD, Status.APPROVED, Status.SPAM, Status.TRASH])
def test_redacted_comment_keeps_its_state_and_the_earlier_text(session: Session, status: Status) -> None:
    comment, owner = commented(session, status), owner_id(session)
    version, history = site_version.current(session), len(events(session, comment.id))
    assert comments.redact(session, comment.id, by=owner, how=How.WEB, now=NOON) == 2
    session.flush()
    assert (comment.text, comment.status, comment.revision) == ("Call [removed] or [removed], I am up late.", status, 2)
    assert comment.reasons == ["redacted"]
    assert [(v.text, v.revision) for v in comments.earlier_texts(session, [comment.id])[comment.id].texts] == [(TEXT, 1)]
    event, entry = events(session, comment.id)[-1], audit.page(session)[0]
    assert len(events(session, comment.id)) == history + 1
    assert (event.from_status, event.to_status, event.by_staff, event.detail) == (status, status, owner, {"redacted": 2})
    assert (entry.action, entry.subject, entry.detail) == ("comment redacted", f"comment {comment.id}", {"passages": 2})
    assert (site_version.current(session) > version) is (status is Status.APPROVED)


def test_redacting_again_changes_nothing(session: Session) -> None:
    comment, owner = commented(session, Status.HELD), owner_id(session)
    comments.redact(session, comment.id, by=owner, how=How.WEB, now=NOON)
    session.flush()
    history, entries = len(events(session, comment.id)), len(audit.page(session))
    assert comments.redact(session, comment.id, by=owner, how=How.WEB, now=NOON) == 0
    session.flush()
    assert (comment.revision, len(events(session, comment.id)), len(audit.page(session))) == (2, history, entries)


def test_withdrawn_comment_is_not_touched(session: Session) -> None:
    comment = commented(session, Status.WITHDRAWN)
    with pytest.raises(Forbidden):
        comments.redact(session, comment.id, by=owner_id(session), how=How.WEB, now=NOON)
    assert comment.text == TEXT


def test_unknown_comment_is_named_so(session: Session) -> None:
    with pytest.raises(comments.Unknown):
        comments.redact(session, 999, by=1, how=How.WEB, now=NOON)


def test_author_who_has_the_earlier_text_open_does_not_bring_it_back_unseen(session: Session) -> None:
    comment, owner = commented(session, Status.HELD), owner_id(session)
    comments.redact(session, comment.id, by=owner, how=How.WEB, now=NOON)
    with pytest.raises(comments.Changed):
        comments.edit(session, comment.id, TEXT + "!", revision=1, notify=[], now=NOON)
    comments.edit(session, comment.id, "Written anew.", revision=2, notify=[], now=NOON)
    assert comment.reasons == ["edited"]


def test_same_comment_sent_again_after_it_was_redacted_is_held_anew(session: Session) -> None:
    comment, owner = commented(session, Status.APPROVED), owner_id(session)
    comments.redact(session, comment.id, by=owner, how=How.WEB, now=NOON)
    session.flush()
    again = submit_comment(session, NOON, comments.Draft(comment.name, comment.email, TEXT))
    assert again.id != comment.id
    assert (again.status, again.reasons) == (Status.HELD, ["phone", "email"])
