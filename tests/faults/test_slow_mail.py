"""A visitor never waits for the mail server."""

from pathlib import Path

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.moods import DOWN, UP
from tests.faults.post_office import STAFF, PostOffice, silent_server
from tests.faults.running import poll, request_fields

pytestmark = pytest.mark.slow


def test_silent_mail_server_does_not_hold_up_a_visitor(make_site: MakeSite, tmp_path: Path) -> None:
    with silent_server() as port:
        settings = PostOffice(tmp_path).settings | {"FLASK_MAIL_PORT": str(port)}
        site = make_site(**settings).start()
        for number in range(1, 6):
            answer = site.post("/consultation", request_fields(number))
            assert answer.status == 303
            assert answer.seconds < 2
            assert site.get(answer.location).status == 200
        poll(lambda: bool(site.rows("SELECT 1 FROM outbox_mail WHERE attempts > 0")), "the dispatcher did not try")
        assert site.post("/consultation", request_fields(6)).seconds < 2, "while the dispatcher waits for the mail server"


def test_mail_that_waited_goes_out_once_the_server_is_back(make_site: MakeSite, tmp_path: Path) -> None:
    office = PostOffice(tmp_path)
    site = make_site(**office.settings).start()
    assert site.post("/consultation", request_fields(1)).status == 303
    poll(lambda: bool(site.rows("SELECT 1 FROM outbox_mail WHERE failure = 'temporary'")), "no try was noted")
    office.set(UP)
    try:
        site.flask("outbox", "retry")
        site.flask("outbox", "send")
        poll(
            lambda: site.rows("SELECT state FROM outbox_mail") == [("sent",)],
            lambda: f"the mail still waits: {site.rows('SELECT * FROM outbox_mail')}\n{site.output}",
        )
    finally:
        office.set(DOWN)
    assert [message.recipient for message in office.accepted] == [STAFF]
