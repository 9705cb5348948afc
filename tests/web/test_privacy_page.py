"""The privacy page says what the site does, with the settings in force."""

from dataclasses import replace

import pytest
from flask import Flask

from domain import comments, consultations, staff
from domain.staff import Area, Role
from tests.pages import Browser


def section(browser: Browser, name: str) -> str:
    """The words of the section with this heading id."""
    return " ".join(browser.get("/privacy").one(f'section[aria-labelledby="{name}"]').get_text(" ").split())


@pytest.mark.parametrize("asks", [True, False])
def test_website_is_named_only_while_commenters_are_asked_for_it(app: Flask, browser: Browser, asks: bool) -> None:
    app.config["SITE"] = replace(app.config["SITE"], website_field=asks)
    text = section(browser, "when-you-comment-on-an-article")
    assert ("the address of your website if you give one" in text) is asks
    assert ("Your name, your website and your comment are then public" in text) is asks


@pytest.mark.parametrize(
    ("name", "words", "version"),
    [
        ("when-you-ask-for-a-consultation", consultations.consent_text(12), consultations.CONSENT_VERSION),
        ("when-you-comment-on-an-article", comments.CONSENT_TEXT, comments.CONSENT_VERSION),
    ],
)
def test_what_people_agree_to_is_quoted_with_its_version(browser: Browser, name: str, words: str, version: str) -> None:
    text = section(browser, name)
    assert words in text
    assert f"Consent text, version {version}." in text


def test_waiting_and_published_comments_are_said_to_stay(browser: Browser) -> None:
    text = section(browser, "when-you-comment-on-an-article")
    assert "A comment that is waiting or published stays until you withdraw it or we remove it." in text
    assert "rejected, removed or withdrawn are erased after 30 days" in text


def test_open_requests_are_said_to_be_kept_until_they_are_closed(browser: Browser) -> None:
    text = section(browser, "when-you-ask-for-a-consultation")
    assert "kept until it is answered and closed, and erased 12 months after it is closed" in text


def test_who_sees_what_is_said_as_the_roles_are(browser: Browser) -> None:
    text = section(browser, "who-can-see-it")
    assert "Those who only read comments do not see consultation requests" in text
    assert not staff.may(Role.MODERATOR, Area.REQUESTS)
    assert "those who only answer requests do not see comments before" in text
    assert not staff.may(Role.FRONT_DESK, Area.COMMENTS)
    assert "The owners of this website see both." in text
    assert staff.may(Role.OWNER, Area.REQUESTS)
    assert staff.may(Role.OWNER, Area.COMMENTS)


def test_mail_to_staff_is_said_to_stay_in_the_clinics_mailbox(browser: Browser) -> None:
    text = section(browser, "messages-to-our-staff")
    assert "clinic's own mailbox" in text
    assert "kept as files on our server" in text
    assert "files are erased with what they tell of" in text
    assert "does not erase it" in text


@pytest.mark.parametrize("is_minimal", [True, False])
def test_what_mail_to_staff_holds_is_what_the_owner_chose(app: Flask, browser: Browser, is_minimal: bool) -> None:
    app.config["SITE"] = replace(app.config["SITE"], minimal_mail=is_minimal)
    text = section(browser, "messages-to-our-staff")
    assert ("leaves out your message and what it is about" in text) is is_minimal
    assert ("These messages hold what you sent" in text) is not is_minimal


def test_alerts_on_the_second_channel_are_named(browser: Browser) -> None:
    assert "the reference of the request and nothing that you typed" in section(browser, "messages-to-our-staff")


def test_mail_to_readers_and_blocks_are_named(browser: Browser) -> None:
    text = section(browser, "when-you-comment-on-an-article")
    assert "only after you have confirmed your address by a link, and at most once an hour" in text
    assert "if you stop all mail, we keep the address" in text
    assert "until the block ends, for a network 30 days at most" in section(browser, "against-abuse")


def test_ways_to_have_things_erased_are_named(browser: Browser) -> None:
    text = section(browser, "seeing-correcting-or-erasing-what-we-hold")
    assert "withdraw it yourself on the private page" in text
    assert "tell us when we contact you, in the same way" in text
    assert "name the reference" in text
    assert browser.get("/privacy").one('#main a[href="/consultation"]')


def test_what_outlives_an_erasure_is_named(browser: Browser) -> None:
    text = section(browser, "seeing-correcting-or-erasing-what-we-hold")
    assert "an empty place stays" in text
    assert "a restored copy of the database forgets you again" in text
    assert "another such mark keeps us from writing to you" in text


@pytest.mark.parametrize(
    ("email", "ends"),
    [
        ("privacy@clinic.example", "write to privacy@clinic.example . Tell us"),
        (None, "use the request form and say so in the message. Tell us"),
    ],
)
def test_public_email_is_offered_where_there_is_one(app: Flask, browser: Browser, email: str | None, ends: str) -> None:
    app.config["SITE"] = replace(app.config["SITE"], email=email, phone=None)
    assert ends in section(browser, "seeing-correcting-or-erasing-what-we-hold")
    assert len(browser.get("/privacy").all(f'#main a[href="mailto:{email}"]')) == (email is not None)
