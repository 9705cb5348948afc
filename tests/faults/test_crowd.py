"""Many at the same moment: what is the same is kept once, and everybody gets an answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.running import Answer, Site, comment_fields, request_fields

pytestmark = pytest.mark.slow
POSTS = 1000
AT_ONCE = 64
COMMENTS = "/blog/botox-for-chronic-migraine/comments"


def crowd(site: Site, path: str, fields: dict[str, str]) -> Counter[int]:
    """How many got which answer."""

    def post(_number: int) -> Answer:
        return site.post(path, fields)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(answer.status for answer in threads.map(post, range(POSTS)))


def test_a_thousand_identical_comments_at_once_are_one_and_all_are_answered(site: Site) -> None:
    assert crowd(site, COMMENTS, comment_fields()) == {303: POSTS}
    assert site.rows("SELECT count(*) FROM comment") == [(1,)]
    assert site.rows("SELECT count(*) FROM comment_event") == [(1,)]


def test_a_thousand_identical_requests_at_once_are_one_and_all_are_answered(site: Site) -> None:
    assert crowd(site, "/consultation", request_fields(1, submission_id="the-same-submission-id")) == {303: POSTS}
    assert site.rows("SELECT count(*) FROM consultation_request") == [(1,)]
