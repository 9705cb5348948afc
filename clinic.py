"""What the running site was assembled with: facts in force, articles, clock, keys and addresses, for views and mail."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import cast

from flask import abort, current_app, g

import database
import errors
from domain import comments, outbox, reviews, routing, settings, staff, tokens
from domain.articles import Article
from domain.documents import Library
from domain.settings import Site
from domain.staff import Role
from domain.treatments import TreatmentPage
from extensions import db


def now() -> datetime:
    """The time, UTC; tests set CLOCK."""
    clock = current_app.config.get("CLOCK")
    return cast(datetime, clock()) if clock else datetime.now(UTC)


def today() -> date:
    """The date at the clinic."""
    return now().astimezone(base_site().timezone).date()


def base_site() -> Site:
    """site.toml's facts alone, for pages that must do without the database."""
    return cast(Site, current_app.config["SITE"])


def site() -> Site:
    """The facts in force: site.toml with the owner's changes over it, read once a request.

    When the database does not answer, site.toml alone, so that a form that was sent can still be shown with all its text;
    `g.uncacheable` then keeps the page out of every cache.
    """
    if "site" not in g:
        try:
            g.site = settings.effective(db.session, base_site())
        except database.UNAVAILABLE:
            db.session.rollback()
            g.site, g.uncacheable = base_site(), True
    return cast(Site, g.site)


def library() -> Library[Article]:
    """The articles."""
    return cast(Library[Article], current_app.config["LIBRARY"])


def treatment_pages() -> Library[TreatmentPage]:
    """The pages of what the clinic offers."""
    return cast(Library[TreatmentPage], current_app.config["TREATMENT_PAGES"])


def offered() -> list[TreatmentPage]:
    """The treatment pages that everybody sees at this moment, in the order of the treatments in site.toml."""
    order = [treatment.slug for treatment in site().treatments]
    return sorted(treatment_pages().public(now()), key=lambda page: order.index(page.treatment))


def next_change() -> datetime:
    """When public pages change by themselves, UTC: at midnight at the latest, since a page may leave out days that are over."""
    facts, at = site(), now()
    days = timedelta(days=facts.comments_close_after_days)
    moments = [library().next_published(at), treatment_pages().next_published(at), comments.paused_until(facts, at)]
    # The next article to close for comments is the first of those that are still open.
    closing = library().next_published(at - days) if days else None
    moments += [closing + days] if closing else []
    local = at.astimezone(facts.timezone) + timedelta(days=1)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return min([midnight, *(moment for moment in moments if moment is not None and moment > at)])


def texts_to_read() -> list[reviews.Waiting]:
    """The articles and treatments that a doctor has to read again, the most pressing first."""
    return reviews.waiting([*library().all, *treatment_pages().all], base_site().reviewers, today())


def keys() -> list[str]:
    """Keys for signed links, oldest first; the last one signs."""
    return [*reversed(current_app.config["SECRET_KEY_FALLBACKS"]), cast(str, current_app.config["SECRET_KEY"])]


def absolute(endpoint: str, **values: str | int) -> str:
    """A full URL on SITE_URL, whatever Host the request claimed; works without a request too."""
    return on_site(path(endpoint, **values))


def path(endpoint: str, **values: str | int) -> str:
    """The path of a page; works without a request too."""
    return current_app.url_map.bind("").build(endpoint, values)


def on_site(page_path: str) -> str:
    """The full URL of a path, with its fragment when it has one."""
    return f"{current_app.config['SITE_URL']}{page_path}"


def general_recipients() -> list[str]:
    """The addresses that get what nobody else is named for: those of the owner's settings, else those of the machine's."""
    return list(site().recipients) or list(current_app.config["STAFF_RECIPIENTS"])


def request_recipients(treatment: str | None) -> list[str]:
    """Where a request about this treatment goes at this moment: by the owner's rules, else to the general addresses."""
    facts = site()
    return routing.route(facts.routes, treatment, facts.working_time.is_open(now())) or general_recipients()


def desk_recipients() -> list[str]:
    """Who hears of what is open in the morning: the front desk, or the general addresses while it has no account."""
    return staff.addresses_of(db.session, [Role.FRONT_DESK]) or general_recipients()


def owner_recipients() -> list[str]:
    """Who hears of what the front desk has not done: the owners, or the general addresses while nobody has signed up."""
    return staff.addresses_of(db.session, [Role.OWNER]) or general_recipients()


def has_webhook() -> bool:
    """Whether there is a second channel beside mail."""
    return bool(current_app.config["WEBHOOK_URL"])


def comment_recipients() -> list[str]:
    """Who hears of held comments: the moderators, or the general addresses while nobody has signed up."""
    return staff.moderator_addresses(db.session) or general_recipients()


def around_comments() -> staff.AroundComments:
    """The same, with the names no reader may write under: the clinic's and those of everybody with an account."""
    found = staff.around_comments(db.session)
    return staff.AroundComments(found.addresses or general_recipients(), [site().name, *found.names])


def comment_rules() -> comments.Rules:
    """The owner's rules for comments."""
    facts = site()
    return comments.Rules(facts.moderation_words, facts.disallowed_words, facts.comment_hold_links, facts.trust_authors)


def comment_pace() -> outbox.Pace:
    """How often a moderator hears of held comments, and before when not."""
    facts = site()
    quiet_until = facts.quiet_hours.end_after(now(), facts.timezone) if facts.quiet_hours else None
    return outbox.Pace(timedelta(minutes=facts.comment_mail_minutes), quiet_until)


def setup_link(person: staff.Staff) -> str:
    """A link by which an invited or returning person sets a password; dies with its first use."""
    token = sign(tokens.Purpose.STAFF_SETUP, {"staff": person.id, "epoch": person.session_epoch})
    return absolute("staff.auth.setup", token=token)


def moderation_link(person: staff.Staff, comment: comments.Comment) -> str:
    """A link by which a moderator decides about a comment as it stands; dies with the person's right to moderate."""
    payload = {"comment": comment.id, "revision": comment.revision, "staff": person.id, "epoch": person.link_epoch}
    return absolute("blog.moderation", token=sign(tokens.Purpose.COMMENT_MODERATION, payload))


def open_link(purpose: tokens.Purpose, token: str) -> tokens.Payload:
    """What `sign` put into a link; answers 410 when it is too old and 404 when it is none of ours."""
    try:
        return tokens.read(keys(), purpose, token)
    except tokens.ExpiredToken as error:
        raise errors.LinkOver from error
    except tokens.BadToken:
        abort(404)


def sign(purpose: tokens.Purpose, payload: Mapping[str, int | str | None]) -> str:
    """A signed link's token."""
    return tokens.sign(keys(), purpose, dict(payload))
