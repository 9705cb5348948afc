"""Mail to readers, and the digest to moderators, as the mail server got them."""

from datetime import timedelta

import database
import mailer
from domain import outbox, readers
from domain.comments import Wish
from domain.outbox import Kind, State
from tests import factories
from tests.mail.letters import Desk, rows
from tests.mail.smtpd import Received

EVERY = outbox.Pace(every=timedelta(minutes=15))


def link(received: Received) -> str:
    (found,) = {line for line in received.part("plain").splitlines() if line.startswith("http://localhost/comments/mail/")}
    return found


def test_each_mail_to_a_reader_can_be_stopped_with_one_click(desk: Desk) -> None:
    for kind, received in desk.mail_to_reader().items():
        message = received.message
        assert message["List-Unsubscribe"] == f"<{link(received)}>", kind
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link(received) in received.part("html")
        assert message["Reply-To"] is None


def test_who_was_erased_and_wants_no_mail_gets_none_whoever_types_the_address(desk: Desk) -> None:
    session = database.begin_write(desk.session)
    mark = readers.refusal_mark(desk.site.config["SECRET_KEY"], "sana@example.net")
    session.add(readers.MailRefusal(mark=mark, kept_at=desk.clock.now))
    draft = factories.comment_draft(email="sana+news@example.net", wishes=frozenset(Wish))
    factories.submit_comment(session, desk.clock.now, draft)
    desk.session.commit()
    while mailer.deliver_next():
        pass
    assert [row.state for row in rows(desk.session)] == [State.CANCELLED]
    assert desk.server.received == []


def test_the_question_repeats_nothing_that_was_typed(desk: Desk) -> None:
    received = desk.mail_to_reader()[Kind.READER_ASKED]
    whole = received.part("plain") + received.part("html") + received.message["Subject"]
    for words in ("Sana", "diary", "Botox"):
        assert words not in whole


def test_a_reply_is_told_with_its_words_and_its_place(desk: Desk) -> None:
    received = desk.mail_to_reader()[Kind.COMMENT_REPLIED]
    assert received.message["Subject"] == "A reply to your comment"
    plain, html = received.part("plain"), received.part("html")
    assert 'It "helped" me & more.' in plain
    assert "Omar & Co" in plain
    assert "http://localhost/blog/botox-for-chronic-migraine#comment-2" in plain
    assert "me &amp; more" in html
    assert "sana@example.net" not in plain + html


def test_the_author_is_told_where_the_comment_stands_and_not_what_it_says(desk: Desk) -> None:
    received = desk.mail_to_reader()[Kind.COMMENT_PUBLISHED]
    assert received.message["Subject"] == "Your comment is published"
    assert "http://localhost/blog/botox-for-chronic-migraine#comment-1" in received.part("plain")
    assert "The diary helped" not in received.part("plain") + received.part("html")


def digest(desk: Desk, texts: list[str]) -> Received:
    """The second mail to a moderator: what came after the first."""
    for text in ["The first.", *texts]:
        draft = factories.comment_draft(text=text)
        session = database.begin_write(desk.session)
        factories.submit_comment(session, desk.clock.now, draft, notify=["moderator@example.com"], pace=EVERY)
        desk.session.commit()
        while mailer.deliver_next():
            pass
    assert len(desk.server.received) == 1
    desk.clock.forward(minutes=15)
    while mailer.deliver_next():
        pass
    return desk.server.received[-1]


def test_held_comments_that_follow_soon_come_in_one_mail_with_a_link_each(desk: Desk) -> None:
    factories.make_staff(database.begin_write(desk.session), desk.clock.now, email="moderator@example.com")
    desk.session.commit()
    received = digest(desk, ["The second. " + "x" * 1000, "The third."])
    assert received.message["Subject"] == "2 comments are waiting"
    plain = received.part("plain")
    assert "The second." in plain
    assert "The third." in plain
    assert "x" * 700 not in plain, "where there are several each is cut short"
    assert plain.count("http://localhost/moderate/") == 2


def test_a_long_digest_names_what_it_leaves_out(desk: Desk) -> None:
    received = digest(desk, [f"Number {number}." for number in range(23)])
    assert received.message["Subject"] == "23 comments are waiting"
    assert "And 3 more:" in received.part("plain")
    assert "http://localhost/staff/comments" in received.part("plain")


def test_who_stopped_the_mail_gets_not_even_what_was_under_way(desk: Desk) -> None:
    session = database.begin_write(desk.session)
    factories.approved_comment(session, desk.clock.now, email="sana@example.net")
    reader = readers.keep(session, "sana@example.net", desk.clock.now)
    outbox.enqueue(session, Kind.COMMENT_PUBLISHED, 1, ["sana@example.net"], desk.clock.now)
    reader.refused_at = desk.clock.now
    desk.session.commit()
    while mailer.deliver_next():
        pass
    assert desk.server.received == []
