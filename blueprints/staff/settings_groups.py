"""The groups of the settings page: the fields of each stand in a class."""

from wtforms import BooleanField, Form, FormField, IntegerField, StringField, ValidationError

from blueprints.staff.settings_fields import (
    AddressesField,
    ClockField,
    HolidaysField,
    LinesField,
    PhoneField,
    QuietHoursField,
    RoutesField,
    VerificationField,
    Within,
    is_hours,
)
from domain.settings import COMMENT_NUMBERS, MAX_NOTICE, PRIVACY_NUMBERS, REQUEST_NUMBERS
from domain.verification import Engine
from domain.working_time import DAYS
from web.formbase import AtMost, line


class CommentSettings(Form):
    """Comments."""

    comments_open = BooleanField("Articles take comments", description="Untick to close comments on the whole site.")
    comments_newest_first = BooleanField("Newest threads first", description="Replies stand oldest first in both orders.")
    comment_depth = IntegerField(
        "Depth of threads", [Within(*COMMENT_NUMBERS["depth"])], description="How many levels of replies are shown."
    )
    comment_page_size = IntegerField("Comments on a page", [Within(*COMMENT_NUMBERS["page_size"])])
    comments_close_after_days = IntegerField(
        "Close comments after",
        [Within(*COMMENT_NUMBERS["close_after_days"])],
        description="Days after an article's publication; 0 for never.",
    )
    comment_pause_seconds = IntegerField(
        "Pause between comments",
        [Within(*COMMENT_NUMBERS["pause_seconds"])],
        description="Seconds between two comments of one address.",
    )
    comments_per_network = IntegerField(
        "Comments from one network",
        [Within(*COMMENT_NUMBERS["per_network"])],
        description="Within an hour; mobile carriers share addresses.",
    )
    trust_authors = BooleanField(
        "Publish at once what trusted authors write",
        description="Who has confirmed their address and has an approved comment under the same name. Anything with a reason "
        "to look is held all the same. Unticked: every comment is held.",
    )
    comment_hold_links = IntegerField(
        "Hold from so many links",
        [Within(*COMMENT_NUMBERS["hold_links"])],
        description="Also from a trusted author. More than these, and more than two, make a comment spam.",
    )
    moderation_words = LinesField("Words to look at", "One a line. A comment that has one says so in the queue.")
    disallowed_words = LinesField("Words for the trash", "One a line. A comment that has one goes to the trash.")
    website_field = BooleanField("Ask commenters for a website", description="It mostly draws spam.")


class ModeratorMailSettings(Form):
    """Mail to those who read comments."""

    comment_mail_minutes = IntegerField(
        "Minutes between two mails",
        [Within(*COMMENT_NUMBERS["mail_minutes"])],
        description="The first held comment is mailed at once, what follows is gathered. 0: a mail for each comment.",
    )
    quiet_hours = QuietHoursField("Quiet hours", "Such as 21:00-08:00: mail about comments waits meanwhile. Empty for none.")


class ContactSettings(Form):
    """How people reach the clinic."""

    phone = PhoneField("Phone", "Shown on the public pages; empty hides it.")
    whatsapp = PhoneField("WhatsApp", "Shown as a link that opens a chat; empty hides it.")
    notice = StringField(
        "Notice on every page",
        [AtMost(MAX_NOTICE, "The notice")],
        filters=[line],
        description="One sentence above everything else, such as: We are closed from 20 to 22 March. Empty for none.",
    )


def _later_than_the_reminder(form: Form, field: IntegerField) -> None:
    if form.remind_minutes.data is not None and 0 < field.data <= form.remind_minutes.data:
        raise ValidationError("Enter more minutes than for the reminder, or 0")


class RequestSettings(Form):
    """Consultation requests: who is told, when, and how much."""

    remind_minutes = IntegerField(
        "Remind the front desk after",
        [Within(*REQUEST_NUMBERS["remind_minutes"])],
        description="Minutes of opening hours without a first contact. The reminder goes where the request went. 0: never.",
    )
    escalate_minutes = IntegerField(
        "Tell the owners after",
        [Within(*REQUEST_NUMBERS["escalate_minutes"]), _later_than_the_reminder],
        description="Minutes of opening hours without a first contact, more than above. 0: never.",
    )
    digest_at = ClockField("Morning digest at", "What is open, by mail to the front desk on working days. Empty for none.")
    recipients = AddressesField(
        "General addresses",
        "One a line: who gets requests that no rule below sends elsewhere. Empty: those that the machine was set up with.",
    )
    routes = RoutesField(
        "Where requests go",
        "One rule a line; the first that fits is used, and where none does, the general addresses. What it is about (or any), "
        "when (open, closed or always), addresses. Such as: any, closed: night@clinic.example",
    )
    minimal_mail = BooleanField(
        "Keep what is private out of mail",
        description="Mail to staff then leaves out the message and the treatment, and links to the request.",
    )


def _day_hours(day: str) -> StringField:
    return StringField(day.capitalize(), [is_hours], filters=[line])


class WeekForm(Form):
    """Hours of each day of the week."""

    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(_day_hours, DAYS)


class HoursSettings(Form):
    """When the clinic is open."""

    opening = FormField(WeekForm, "Opening hours")
    holidays = HolidaysField(
        "Holidays", "One a line, such as 2026-12-25 Quaid-e-Azam Day, or 2027-03-20 to 2027-03-22 Eid ul-Fitr. Closed all day."
    )


def _period(name: str, label: str, description: str) -> IntegerField:
    lowest, highest = PRIVACY_NUMBERS[name]
    return IntegerField(label, [Within(lowest, highest)], description=f"{description} From {lowest} to {highest}.")


class RetentionSettings(Form):
    """How long what people sent is kept."""

    keep_request_months = _period(
        "request_months",
        "Months that a request is kept",
        "After it is closed; an open one is never erased by time. The consent of the form says this time: who has agreed to a "
        "shorter one before is erased after that.",
    )
    keep_comment_days = _period("comment_days", "Days that a rejected comment is kept", "Removed and withdrawn ones too.")
    keep_spam_days = _period("spam_days", "Days that spam is kept", "Comments that were taken for it.")
    keep_network_days = _period("network_days", "Days that the mark of a network is kept", "It serves to notice floods.")
    keep_audit_months = _period(
        "audit_months",
        "Months that the audit log is kept",
        "The database itself refuses to let go of it before the least of these.",
    )
    keep_notice_days = _period(
        "notice_days", "Days that notices to staff are kept in the outbox", "Those that name nobody, such as the morning digest."
    )


class SearchSettings(Form):
    """How search engines see whose site this is."""

    google_verification = VerificationField("Google Search Console", Engine.GOOGLE)
    bing_verification = VerificationField("Bing Webmaster Tools", Engine.BING)


class StaffSettings(Form):
    """The staff area."""

    second_factor_required = BooleanField(
        "Everybody needs a second factor",
        description="Who has none is asked to set one up right after signing in.",
    )


GROUPS: dict[str, type[Form]] = {
    "Comments": CommentSettings,
    "Mail about comments": ModeratorMailSettings,
    "Consultation requests": RequestSettings,
    "How people reach the clinic": ContactSettings,
    "Opening hours": HoursSettings,
    "How long things are kept": RetentionSettings,
    "Search engines": SearchSettings,
    "Signing in": StaffSettings,
}
"""Title and fields of each group, in the order of the page."""
