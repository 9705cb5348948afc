"""The charts of the dashboard: drawn from the tables, at any width, in any light; without the script the tables stand open."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import sign_in
from tests.faults.running import Site

pytestmark = pytest.mark.slow


def test_charts_are_drawn_and_follow_width_and_light(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, color_scheme="light")
    sign_in(visitor)
    page = visitor.go("/staff/")
    charts = page.locator("figure.chart canvas")
    expect(charts).to_have_count(2)
    wide = charts.first.bounding_box()
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.querySelector('figure.chart canvas').getBoundingClientRect().width < 340")
    assert wide is not None
    before = charts.first.evaluate("(canvas) => canvas.toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(was) => document.querySelector('figure.chart canvas').toDataURL() !== was", arg=before)
    expect(page.get_by_role("img", name="Requests per week")).to_be_visible()
    page.get_by_text("The weeks as a table").click()
    expect(page.locator("#weeks tbody tr")).to_have_count(12)


def test_without_the_script_the_table_stands_open(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, java_script_enabled=False)
    sign_in(visitor)
    page = visitor.go("/staff/")
    expect(page.locator("#weeks tbody tr").first).to_be_visible()
    expect(page.locator("figure.chart").first).to_be_hidden()
