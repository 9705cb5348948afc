"""Opening hours and holidays as the owner sets them: shown on the public pages, and what is wrong stays typed."""

import pytest
from flask import Flask

import clinic
from tests.factories import SLUG
from tests.pages import Browser


def test_owner_sets_hours_and_holidays(app: Flask, owner: Browser) -> None:
    typed = {"opening-monday": "09:00-17:00", "opening-friday": "14:30 - 18:00, 09:00-13:00"}
    lines = "2026-12-25 Quaid-e-Azam Day\n2026-11-01 Long past"
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", **typed, holidays=lines)
    assert page.one("#opening-friday")["value"] == "09:00-13:00, 14:30-18:00"
    assert page.one("#opening-sunday")["value"] == "closed"
    shown = owner.get("/contact").text
    assert "09:00–13:00, 14:30–18:00" in shown
    assert "25 December 2026 , Quaid-e-Azam Day" in shown  # the date is a <time>
    assert "Long past" not in shown
    again = owner.submit(owner.get("/staff/settings"), "/staff/settings")
    assert "Nothing was changed." in again.text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("opening-monday", "9 to 5", "Enter hours such as"),
        ("opening-friday", "18:00-09:00", "end later than they begin"),
        ("opening-sunday", "09:00-13:00, 12:00-14:00", "do not overlap"),
        ("holidays", "2026-12-25 Quaid-e-Azam Day\n2026-02-30 No such day", "Line 2: write a date"),
        ("holidays", "2026-12-25 to 2026-12-24 Backwards", "Line 1: the last day"),
    ],
)
def test_wrong_hours_stay_typed_with_the_error_beside_them(owner: Browser, field: str, typed: str, words: str) -> None:
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", **{field: typed}, phone="051-2345678")
    assert page.status == 422
    assert words in page.one(f"#{field}-error").get_text()
    kept = page.one(f"#{field}")
    assert (kept.get("value") or kept.get_text().removeprefix("\n")) == typed
    assert page.all(f'.error-summary a[href="#{field}"]')
    assert page.one("#phone")["value"] == "051-2345678"


def test_each_line_of_the_summary_names_its_field(owner: Browser) -> None:
    typed = {"opening-monday": "9 to 5", "opening-friday": "9 to 5", "comment_depth": "0", "holidays": "Christmas"}
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", **typed)
    lines = [link.get_text().partition(":")[0] for link in page.all(".error-summary a")]
    assert sorted(lines) == ["Depth of threads", "Friday", "Holidays", "Monday"]
    assert page.one('.error-summary a[href="#opening-friday"]').get_text().startswith("Friday: enter hours such as")


def test_owner_sets_when_and_how_often_moderators_get_mail(app: Flask, owner: Browser) -> None:
    typed = {"comment_mail_minutes": "60", "quiet_hours": "21:00 – 08:00"}
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", **typed)
    assert page.one("#quiet_hours")["value"] == "21:00-08:00"
    with app.test_request_context():
        assert clinic.site().comment_mail_minutes == 60
        assert str(clinic.site().quiet_hours) == "21:00-08:00"
    page = owner.submit(page, "/staff/settings", quiet_hours="at night")
    assert page.status == 422
    assert "Enter the hours as 21:00-08:00" in page.one("#quiet_hours-error").get_text()
    assert page.one("#quiet_hours")["value"] == "at night"
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", quiet_hours="")
    with app.test_request_context():
        assert clinic.site().quiet_hours is None


def test_owner_trusts_authors_and_sets_the_number_of_links(app: Flask, owner: Browser) -> None:
    owner.submit(owner.get("/staff/settings"), "/staff/settings", trust_authors="y", comment_hold_links="5")
    with app.test_request_context():
        assert clinic.comment_rules().trusts_authors
        assert clinic.comment_rules().hold_links == 5


def test_all_settings_change_at_once(app: Flask, owner: Browser) -> None:
    words = {"moderation_words": "dose", "disallowed_words": "casino", "holidays": "2026-12-25 Quaid-e-Azam Day"}
    numbers = {"comment_depth": "4", "comment_page_size": "50", "comments_close_after_days": "9", "comment_pause_seconds": "9"}
    page = owner.submit(
        owner.get("/staff/settings"), "/staff/settings", phone="051-2345678", whatsapp="0300-1234567",
        **words, **numbers, comments_per_network="9", comments_newest_first="y", **{"opening-monday": "09:00-17:00"},
    )  # fmt: skip
    assert page.status == 200


def test_a_notice_stands_on_every_public_page_until_it_is_emptied(owner: Browser) -> None:
    owner.submit(owner.get("/staff/settings"), "/staff/settings", notice="Closed on 20 March <b>& after</b>. عید مبارک")
    for url in ("/", "/about", "/consultation", f"/blog/{SLUG}", "/nowhere"):
        assert owner.get(url).one("aside.site-notice").get_text() == "Closed on 20 March <b>& after</b>. عید مبارک"
    assert not owner.get("/staff/").all(".site-notice")
    owner.submit(owner.get("/staff/settings"), "/staff/settings", notice="")
    assert not owner.get("/").all(".site-notice")


def test_a_notice_that_is_too_long_is_refused_and_kept(owner: Browser) -> None:
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", notice="x" * 201)
    assert (page.status, page.one("#notice")["value"]) == (422, "x" * 201)
