"""A form written by hand: each question of any call through its own control, by pointer or by keys alone.

`write(page, question, value)` takes the value as it is stored; `tests/browser/keyboard.py` makes it keys alone.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from accounts import places
from applications.fields import Question
from tests.browser.steps import upload


def write(page: Page, question: Question, value: Any, folder: Any) -> None:
    """Answer one question of the section that the page shows."""
    box = page.locator(f"#q-{question.code}")
    expect(box).to_be_visible()
    KINDS.get(question.type, _text)(box, question, value, folder)


def _text(box: Locator, question: Question, value: Any, _folder: Any) -> None:
    control = box.locator(f"#{question.code}")
    if control.input_value() != str(value):
        control.fill(str(value))


def _choice(box: Locator, question: Question, value: Any, _folder: Any) -> None:
    chosen = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    box.locator(f'input[type=radio][value="{chosen}"]').check()


def _ticks(box: Locator, question: Question, value: Any, _folder: Any) -> None:
    for one in value if isinstance(value, list) else ["true"]:
        box.locator(f'input[type=checkbox][value="{one}"]').check()


def _town(box: Locator, question: Question, value: Any, _folder: Any) -> None:
    box.locator(f"#{question.code}").fill(_name(value))


def _name(value: Any) -> str:
    return str(places.of(value["scheme"], value["code"]))


def _rows(box: Locator, question: Question, value: Any, _folder: Any, part: str = "rows") -> None:
    table = box.locator(f"[data-grid={part}]")
    for place, row in enumerate(value[part]):
        if table.locator("tbody tr").count() <= place:
            box.locator(f"[data-add={part}]").click()
        line = table.locator("tbody tr").nth(place)
        for code, cell in row.items():
            if code != "id" and cell is not None and cell != "":
                _cell(line.locator(f"[data-cell={code}]"), cell)


def _cell(control: Locator, value: Any) -> None:
    if not control.count():
        return
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(str(value).lower() if isinstance(value, bool) else str(value))
    elif isinstance(value, bool):
        if value:
            control.check()
    else:
        control.fill(_name(value) if isinstance(value, dict) else str(value))


def _budget(box: Locator, question: Question, value: Any, folder: Any) -> None:
    for part in ("lines", "funding"):
        _rows(box, question, value, folder, part)


def _maturity(box: Locator, question: Question, value: Any, _folder: Any) -> None:
    for code, level in value["answers"].items():
        box.locator(f'[data-part="answers.{code}"][value="{level}"]').check()
    for code, words in value["evidence"].items():
        box.locator(f'[data-part="evidence.{code}"]').fill(words)
    box.locator("[data-part=done_on]").fill(value["done_on"])


def _targets(box: Locator, question: Question, value: Any, folder: Any) -> None:
    for code in value["targets"]:
        box.locator(f'input[value="{code}"]').check()
    _rows(box, question, value, folder, "pledges")


def _file(box: Locator, question: Question, value: Any, folder: Any) -> None:
    upload(box.page, question.code, folder / value)


KINDS = {
    "choice": _choice,
    "yes_no": _choice,
    "multi_choice": _ticks,
    "declaration": _ticks,
    "municipality": _town,
    "rows": _rows,
    "budget": _budget,
    "maturity": _maturity,
    "targets": _targets,
    "file": _file,
}
