"""The head of the staff pages stays in one row, its end in a menu where there is no place for it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures_calls import Flin

ROW = 60  # pixels


def height(page: Page) -> float:
    """How tall the head is; nothing may stick out of the page."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    return float(page.evaluate("document.querySelector('.head').getBoundingClientRect().height"))


@pytest.mark.parametrize("front", ["", "/en"])
def test_a_manager_has_one_row_from_1024_px(front: str, page_as: Any, flin: Flin) -> None:
    page: Page = page_as(flin.manager, f"{front}/accueil/")
    last = page.locator(".rest a").last
    for width in (1024, 1152, 1279, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 700})
        assert height(page) <= ROW, width
    expect(last).to_be_visible()
    page.set_viewport_size({"width": 1024, "height": 700})
    menu = page.locator(".rest summary")
    expect(last).not_to_be_visible()
    menu.focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()
    page.keyboard.press("Escape")
    expect(last).not_to_be_visible()
    menu.click()
    last.click()
    expect(page.locator(".rest")).to_have_css("display", "flex")
    assert page.url.rstrip("/").endswith("repertoire")
    assert height(page) <= ROW
