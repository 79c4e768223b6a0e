"""A person without a pointer: what a step clicks, fills or ticks is reached by Tab and done by keys.

`by_keyboard(monkeypatch)` makes every locator act so, for the test; the steps of the journeys stay as they are. At
each stop of Tab the focus must be seen: on the screen, not under something else, and marked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as NoAnswer

LOOKS = 20  # tenths of a second
MOST_STOPS = 250
# Where to go: 0 when the focus is on the element (or on the box it labels), else 1 to go on, -1 to go back.
WAY = """(wanted) => {
  const one = wanted.matches("label") ? wanted.control ?? wanted : wanted;
  const here = document.activeElement;
  if (here === one) return 0;
  if (one.type === "radio" && here?.type === "radio" && here.name === one.name && here.form === one.form) return 0;
  if (!here || here === document.body) return 1;
  return here.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING ? 1 : -1;
}"""
# What is wrong with the focus at this stop, in words; "" when it is seen.
UNSEEN = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "";
  const shown = here.matches(".vh, .vh *") ? here.closest("label") ?? here : here;
  const box = shown.getBoundingClientRect();
  const left = Math.max(0, box.left), right = Math.min(innerWidth, box.right);
  const top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom);
  if (right - left < 1 || bottom - top < 1) return `the focus is outside the screen: ${here.outerHTML.slice(0, 160)}`;
  const parts = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) =>
    document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y));
  if (!parts.some((one) => one && (shown.contains(one) || one.contains(shown) || one.closest("label")?.contains(here))))
    return `the focus is hidden: ${here.outerHTML.slice(0, 160)}`;
  const marked = [here, shown].some((one) => getComputedStyle(one).outlineStyle !== "none");
  return marked ? "" : `the focus is not marked: ${here.outerHTML.slice(0, 160)}`;
}"""


def reach(found: Locator) -> None:
    """Tab (or Shift and Tab) until the focus is there; it is seen at every stop."""
    one = found.element_handle()
    assert one is not None
    page = found.page
    for _stop in range(MOST_STOPS):
        way = one.evaluate(WAY)
        if way == 0:
            return
        page.keyboard.press("Tab" if way > 0 else "Shift+Tab")
        for _look in range(LOOKS):  # a busy machine scrolls to the focus a moment later
            unseen = page.evaluate(UNSEEN)
            if not unseen:
                break
            page.wait_for_timeout(100)
        assert not unseen, f"{page.url}: {unseen}"
    raise AssertionError(f"{page.url}: no key leads to {found}")


def click(found: Locator, **_options: Any) -> None:
    """Enter on a link or a button, Space on a box; a label stands for its box."""
    kind = found.evaluate("one => (one.matches('label') ? one.control ?? one : one).type ?? ''")
    if kind in ("radio", "checkbox"):
        check(found)
        return
    reach(found)
    found.press("Enter")  # waits for the page that it asks for


def check(found: Locator, **_options: Any) -> None:
    """Space on a box; arrows among the buttons of a group."""
    reach(found)
    keys = found.page.keyboard
    box = found.evaluate_handle("one => one.matches('label') ? one.control ?? one : one").as_element()
    assert box is not None
    if box.get_attribute("type") == "checkbox":
        if not box.is_checked():
            keys.press("Space")
        return
    for _turn in range(30):
        if box.evaluate("one => one === document.activeElement"):
            if not box.is_checked():
                keys.press("Space")
            return
        keys.press("ArrowDown")
    raise AssertionError(f"{found.page.url}: no arrow leads to {found}")


def type_date(found: Locator, text: str) -> None:
    """Part by part, in the order that this browser shows them."""
    year, month, day = text.split("-")
    keys = found.page.keyboard
    for order in ((month, day, year), (year, month, day), (day, month, year)):
        for _part in order:
            keys.press("ArrowLeft")
        for part in order:
            keys.type(part)
            if part == year:
                keys.press("ArrowRight")
        if found.input_value() == text:
            return
    raise AssertionError(f"typed {text}, holds {found.input_value()}")


def fill(found: Locator, text: str, **_options: Any) -> None:
    """What stands is chosen and typed over; a date is typed part by part."""
    reach(found)
    keys = found.page.keyboard
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and found.get_attribute("type") == "date":
        type_date(found, text)
        return
    keys.press("Control+a")
    if text:
        keys.insert_text(text)
    else:
        keys.press("Delete")


def select_option(found: Locator, value: str = "", *, label: str = "", **_options: Any) -> None:
    """Down from the first choice until it is the wanted one."""
    reach(found)
    keys = found.page.keyboard
    keys.press("Home")
    for _turn in range(60):
        chosen = found.evaluate("one => [one.value, one.selectedOptions[0]?.text.trim()]")
        if chosen == [value, chosen[1]] if value else chosen[1] == label:
            return
        keys.press("ArrowDown")
    raise AssertionError(f"{found.page.url}: {value or label} is not in {found}")


def set_input_files(found: Locator, files: Path, **_options: Any) -> None:
    """The window that chooses a file opens by a key; one presses again when an answer that arrived took the focus."""
    for last in (False, False, True):
        reach(found)
        try:
            with found.page.expect_file_chooser(timeout=6000) as opened:
                found.page.keyboard.press("Enter")
        except NoAnswer:
            if last:
                raise
        else:
            opened.value.set_files(files)
            return


def blur(found: Locator, **_options: Any) -> None:
    """Away by Tab."""
    reach(found)
    found.page.keyboard.press("Tab")


def by_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here to the end of the test nobody has a pointer."""
    for way in (click, check, fill, select_option, set_input_files, blur):
        monkeypatch.setattr(Locator, way.__name__, way)


def skips_to_the_content(page: Page) -> None:
    """The first stop of a page leads to its content, and the next stop is inside."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')"), (
        "the first stop is not the way to the content"
    )
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)"), (
        "not in the content"
    )
