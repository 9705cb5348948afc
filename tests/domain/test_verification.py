"""The words that search engines hand out are taken as they are pasted, and nothing else is."""

import pytest

from domain import site_file, verification
from domain.site_file import InvalidSetting
from domain.verification import BadWord, Engine

GOOGLE = "abcDEF123_-abcDEF123_-abcDEF123_-abcDEF1234"
BING = "0123456789ABCDEF0123456789ABCDEF"
CLINIC = {"clinic": {"name": "C", "city": "I", "timezone": "Asia/Karachi"}, "treatments": [{"slug": "a", "name": "A"}]}


@pytest.mark.parametrize(
    ("engine", "typed", "word"),
    [
        (Engine.GOOGLE, "", ""),
        (Engine.GOOGLE, f"  {GOOGLE} ", GOOGLE),
        (Engine.GOOGLE, f'<meta name="google-site-verification" content="{GOOGLE}" />', GOOGLE),
        (Engine.BING, f"<meta name='msvalidate.01' content='{BING}'>", BING),
        (Engine.BING, BING, BING),
    ],
)
def test_the_word_is_taken_from_what_is_pasted(engine: Engine, typed: str, word: str) -> None:
    assert verification.read(engine, typed) == word


@pytest.mark.parametrize(
    ("engine", "typed"),
    [
        (Engine.GOOGLE, "short"),
        (Engine.GOOGLE, f'{GOOGLE}"><script>'),
        (Engine.GOOGLE, f"google{GOOGLE}.html"),
        (Engine.BING, GOOGLE),
        (Engine.BING, '<meta name="x">'),
    ],
)
def test_another_text_is_refused(engine: Engine, typed: str) -> None:
    with pytest.raises(BadWord):
        verification.read(engine, typed)


def test_site_toml_may_name_the_live_host_and_the_words() -> None:
    facts = {"live_host": "Clinic.Example", "google_verification": GOOGLE, "bing_verification": BING}
    site = site_file.read_site(CLINIC | {"search": facts})
    assert (site.live_host, site.google_verification, site.bing_verification) == ("clinic.example", GOOGLE, BING)
    assert site.is_live_on("clinic.example")
    assert not site.is_live_on("try.clinic.example")
    assert site_file.read_site(CLINIC).is_live_on("any.example")


@pytest.mark.parametrize(
    ("key", "value"), [("live_host", "https://clinic.example"), ("google_verification", "x"), ("bing_verification", 7), ("x", "")]
)
def test_a_wrong_fact_about_search_engines_is_named(key: str, value: object) -> None:
    with pytest.raises(InvalidSetting, match=f"search.{key}"):
        site_file.read_site(CLINIC | {"search": {key: value}})
