"""Hypothesis fills in every public form, through the whole application: never an error of ours, and nothing typed is lost."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.text import clean_text
from tests.conftest import Clock, Store
from tests.factories import SLUG
from tests.filled import fill, routes
from tests.hostile import OWN, public_lists
from tests.web.test_hostile_input import COMMENT, REQUEST, UNLIMITED

QUICK = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
LOGIN = {"email": "owner@example.com", "password": "wrong", "next": "/staff/"}
FIELDS = {
    "blog.submit_comment": COMMENT | {"parent_id": "1", "website": "", "notify": "replies", "action": "preview"},
    "blog.change_comment": {"action": "edit", "body": "A text", "revision": "1", "notify": "replies"},
    "blog.moderate": {"action": "approve"},
    "blog.choose_mail": {"action": "leave", "comment": "1"},
    "tools.check": {"q1": "no", "age": "40", "q3": "20", "q4": "12", "q5": "yes", "q7": "3", "q8": "y", "q13": "scalp"},
    "consultations.submit": REQUEST | {"first_touch": "utm_source=a&landing=/"},
    "visits.count": {"page": "/", "referrer": "", "utm_source": "a"},
    "staff.auth.login": LOGIN,
    "staff.auth.code": {"code": "000000"},
    "staff.auth.setup": {"name": "Hina", "password": "copper island 58 maps"},
    "staff.passkeys.authentication_options": {},
    "staff.passkeys.sign_in": {"credential": "{}"},
}
"""The forms that are open to anybody, each filled in as it might be."""
texts = st.one_of(st.sampled_from([*OWN, *public_lists()]), st.text(max_size=200), st.integers().map(str))


@pytest.fixture
def client(app: Flask, store: Store, clock: Clock) -> FlaskClient:
    """A visitor of the filled site who has opened the sign-in page."""
    with store() as session:
        fill(app, session, clock())
    return app.test_client()


def test_every_form_that_is_open_to_anybody_is_here(app: Flask) -> None:
    public = {rule.endpoint for rule, url in routes(app, "POST") if not url.startswith("/staff")}
    assert public <= FIELDS.keys()


@pytest.mark.parametrize("endpoint", FIELDS)
@QUICK
@given(data=st.data())
def test_whatever_is_sent_is_answered(app: Flask, client: FlaskClient, clock: Clock, endpoint: str, data: st.DataObject) -> None:
    url = next(url for rule, url in routes(app, "POST") if rule.endpoint == endpoint)
    clock.forward(minutes=1)
    sent = FIELDS[endpoint] | data.draw(st.dictionaries(st.sampled_from([*FIELDS[endpoint], "other"]), texts))
    if url.startswith("/staff"):
        page = BeautifulSoup(client.get("/staff/login").data, "html.parser")
        sent["csrf_token"] = str(page.select('[name="csrf_token"]')[0]["value"])
    answer = client.post(url, data=sent, headers=UNLIMITED)
    assert answer.status_code in {200, 204, 303, 400, 404, 409, 410, 422, 429}, sent


@QUICK
@given(
    texts.filter(lambda text: clean_text(text) != ""),
    st.sampled_from([(f"/blog/{SLUG}/comments", "body"), ("/consultation", "message")]),
)
def test_a_form_that_is_refused_shows_all_that_was_typed(client: FlaskClient, typed: str, form: tuple[str, str]) -> None:
    url, field = form
    answer = client.post(url, data={field: typed}, headers=UNLIMITED)
    assert answer.status_code == 422
    shown = BeautifulSoup(answer.data, "html.parser").select(f"textarea[name={field}]")
    assert [area.get_text().removeprefix("\n") for area in shown] == [clean_text(typed)]


@QUICK
@given(
    st.binary(max_size=400),
    st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/plain", ""]),
)
def test_bytes_of_any_kind_are_answered(app: Flask, client: FlaskClient, body: bytes, kind: str) -> None:
    for url in ("/consultation", f"/blog/{SLUG}/comments", "/views", "/staff/login"):
        answer = client.post(url, data=body, content_type=kind, headers=UNLIMITED)
        assert answer.status_code in {204, 400, 422}, (url, kind)
