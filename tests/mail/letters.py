"""Puts mail into the outbox, sends it through the real server and hands back what came in."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
import mailer
from domain import comments, outbox, readers, reviews, staff
from domain.comments import Comment, How, Status, Wish
from domain.documents import Library
from domain.outbox import Kind, OutboxMail
from domain.sign_offs import SignOff
from tests import factories
from tests.conftest import Clock
from tests.mail.smtpd import Received, SmtpServer


def rows(session: Session) -> list[OutboxMail]:
    """What the outbox holds now, in order."""
    session.rollback()
    return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def queue_one(session: Session, clock: Clock, **changes: object) -> int:
    """A request with one mail to staff; the request's id."""
    request_id = factories.submit_request(database.begin_write(session), clock.now, **changes).id
    session.commit()
    return request_id


class Desk:
    """Lets things happen on the site and reads the mail they cause."""

    def __init__(self, site: Flask, session: Session, clock: Clock, server: SmtpServer) -> None:
        self.site, self.session, self.clock, self.server = site, session, clock, server

    def mail_of_request(self, **changes: Any) -> dict[str, Received]:
        """The mails of one request, by recipient."""
        draft = factories.request_draft(**changes)
        return self._deliver(lambda: factories.submit_request(self.session, self.clock.now, draft, recipients=["desk@example.com"]))

    def mail_of_comment(self, **changes: Any) -> Received:
        """The mail to a moderator about one comment."""
        draft = factories.comment_draft(**changes)
        (received,) = self._deliver(
            lambda: factories.submit_comment(self.session, self.clock.now, draft, notify=["moderator@example.com"])
        ).values()
        return received

    def mail_of_form(self, fields: dict[str, str]) -> dict[str, Received]:
        """The mails that a request causes when it is sent through the form; none where the form is shown again."""
        answer = self.site.test_client().post("/consultation", data=fields)
        assert answer.status_code in {303, 422}
        return self._deliver(lambda: None)

    def mail_of_invitation(self, name: str = "Nadia") -> Received:
        """The mail to a new colleague."""

        def invite() -> None:
            person = staff.invite(self.session, "new@example.com", name, staff.Role.MODERATOR, self.clock.now)
            self.session.flush()
            outbox.enqueue(self.session, Kind.STAFF_INVITED, person.id, [person.email], self.clock.now)

        (received,) = self._deliver(invite).values()
        return received

    def mail_to_reader(self) -> dict[Kind, Received]:
        """One mail of each kind that a reader gets: the question, the publication, a reply."""
        asked = self._deliver(self._comment)["sana@example.net"]
        published = self._deliver(lambda: self._approve(self._comments()[-1]))["sana@example.net"]
        reader = readers.get(database.begin_write(self.session), 1)
        assert reader is not None
        readers.confirm(reader, self.clock.now)
        self.session.commit()
        parent = self._comments()[-1]
        replied = self._deliver(lambda: self._reply(parent))["sana@example.net"]
        return {Kind.READER_ASKED: asked, Kind.COMMENT_PUBLISHED: published, Kind.COMMENT_REPLIED: replied}

    def mail_of_list(self, kind: Kind, *request_ids: int) -> Received | None:
        """The mail of a kind that lists requests; None when nothing was sent."""
        sent = self._deliver(lambda: outbox.gather_all(self.session, kind, request_ids, ["desk@example.com"], self.clock.now))
        return sent.get("desk@example.com")

    def mail_of_morning(self) -> Received | None:
        """The morning digest; None when nothing was sent."""
        number = self.clock.now.astimezone(ZoneInfo("Asia/Karachi")).date().toordinal()
        to = ["desk@example.com"]
        sent = self._deliver(lambda: outbox.enqueue(self.session, Kind.DESK_DIGEST, number, to, self.clock.now))
        return sent.get("desk@example.com")

    def request(self, **changes: Any) -> int:
        """A request of which nobody is told; its number."""
        draft = factories.request_draft(**changes)
        session = database.begin_write(self.session)
        number = factories.submit_request(session, self.clock.now, draft, recipients=[]).id
        session.commit()
        return number

    def _comment(self) -> None:
        draft = factories.comment_draft(email="sana@example.net", wishes=frozenset(Wish))
        factories.submit_comment(self.session, self.clock.now, draft)

    def _comments(self) -> list[Comment]:
        return list(self.session.scalars(sa.select(Comment).order_by(Comment.id)))

    def _approve(self, comment: Comment) -> None:
        comments.set_status(self.session, comment.id, Status.APPROVED, by=None, how=How.COMMAND, now=self.clock.now)

    def _reply(self, parent: Comment) -> None:
        draft = factories.comment_draft(name="Omar & Co", text='It "helped" me & more.', parent_id=parent.id)
        self._approve(factories.submit_comment(self.session, self.clock.now, draft))

    def mail_about_texts(self, *, is_signed_again: bool = False) -> dict[Kind, Received]:
        """What the owners get of an article that changed after its sign-off, by kind."""
        item = self.site.config["LIBRARY"].by_id(factories.ARTICLE)
        sign_off = SignOff("a-khan", date(2026, 11, 1), date(2027, 11, 1), is_current=False)
        changed = replace(item, sign_off=sign_off, review_due=sign_off.due)
        shown = item if is_signed_again else changed
        self.site.config["LIBRARY"] = Library([shown])
        found = {}
        for kind, number in ((Kind.REVIEWS_DUE, 202611), (Kind.SIGN_OFF_ENDED, reviews.number(changed))):
            sent = self._deliver(partial(outbox.enqueue, self.session, kind, number, ["owner@example.com"], self.clock.now))
            if sent:
                found[kind] = sent["owner@example.com"]
        return found

    def name_the_clinic(self, name: str) -> None:
        """Changes the name in site.toml."""
        self.site.config["SITE"] = replace(self.site.config["SITE"], name=name)

    def title_the_article(self, title: str) -> None:
        """Changes the title of the one article."""
        article = self.site.config["LIBRARY"].by_id(factories.ARTICLE)
        self.site.config["LIBRARY"] = _OneArticle(replace(article, title=title))

    def _deliver(self, happen: Any) -> dict[str, Received]:
        database.begin_write(self.session)
        happen()
        self.session.commit()
        self.server.received.clear()
        while mailer.deliver_next():
            pass
        return {received.recipients[0]: received for received in self.server.received}


class _OneArticle:
    """A library with one article."""

    def __init__(self, article: Any) -> None:
        self._article = article

    def by_id(self, _: str) -> Any:
        """That article."""
        return self._article
