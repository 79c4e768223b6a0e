"""The journeys in English: their steps are written with the French words of the pages, and read over here.

`in_english(monkeypatch)` makes every address the English one, and every word a step looks for the word of the
catalogue (or of the call, which is in both languages). What people type stays as they typed it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel.dates import get_month_names
from babel.messages.pofile import read_po
from playwright.sync_api import Locator, LocatorAssertions, Page

from web import formats

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
MONTHS = list(get_month_names("wide", locale="fr_CA").values())
DAY = re.compile(rf"(\d+)(?:er)? ({'|'.join(MONTHS)}) (\d{{4}})")
PHRASE = ("je dépose pour ", "I submit for ")
# Words of the steps that are a part of a sentence with places.
PARTS = (
    (r"ign", r"ign"),
    (r"ferm", r"closed"),
    (r"non-admissibilité", r"non-admissibilité"),  # the subject of a letter, in the language of the call
    (r"(.+) a écrit ici", r"\1 wrote here"),
)

Words = str | re.Pattern[str]


def plain(text: str) -> str:
    """One plain space between words."""
    return " ".join(text.split())


def both(data: Any) -> Iterator[tuple[str, str]]:
    """Every label of the call that is in both languages."""
    if isinstance(data, dict):
        if isinstance(data.get("fr"), str) and isinstance(data.get("en"), str):
            yield data["fr"], data["en"]
        for one in data.values():
            yield from both(one)
    elif isinstance(data, list):
        for one in data:
            yield from both(one)


@cache
def known() -> dict[str, tuple[str, ...]]:
    """French to English (one French may be said in two ways): the interface, the labels of the call and its process."""
    found: dict[str, tuple[str, ...]] = {}

    def add(french: str, english: str) -> None:
        ways = found.setdefault(plain(french), ())
        if plain(english) not in ways:
            found[plain(french)] = (*ways, plain(english))

    with (ROOT / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file, locale="en"):
            for ids, strings in zip(*(_all(one) for one in (message.id, message.string)), strict=False):
                if ids and strings:
                    add(ids, strings)
    for folder in ("grants/calls", "workflows/definitions"):
        for path in sorted((ROOT / folder).rglob("*.json")):
            for french, english in both(json.loads(path.read_text(encoding="utf-8"))):
                add(french, english)
    return found


def _all(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


@cache
def patterns(*, begun_only: bool = False) -> list[tuple[re.Pattern[str], str]]:
    """Sentences with places, the most telling first: whole, or without their end, which a step may leave out."""
    found: list[tuple[int, re.Pattern[str], str]] = []
    for french, (english, *_others) in known().items():
        if not PLACE.search(french):
            continue
        parts = PLACE.split(french)
        ends = {one[1] or one[2]: one.end() for one in PLACE.finditer(english)}
        text, size, seen = re.escape(parts[0]), len(parts[0].strip()), set[str]()
        for one, other, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            name = one or other
            text += rf"(?P={name})" if name in seen else rf"(?P<{name}>.+)"
            seen.add(name)
            if begun_only and size > 8:
                found.append((size, re.compile(text), english[: ends.get(name, 0)]))
            text, size = text + re.escape(literal), size + len(literal.strip())
        if size > 3 and not begun_only:
            found.append((size, re.compile(text), english))
    return [(pattern, english) for _size, pattern, english in sorted(found, key=lambda one: -one[0])]


def filled(english: str, values: dict[str, str]) -> str:
    """A sentence with its places filled."""
    return PLACE.sub(lambda found: values.get(found[1] or found[2], ""), english)


def said(text: str) -> tuple[str, ...]:
    """What an English page may say for these words; they themselves when the interface says no such thing."""
    bare = plain(text)
    for part, english in PARTS:
        if re.fullmatch(part, bare):
            return (re.sub(part, english, bare),)
    if (figure := number(bare)) != bare:
        return (figure,)
    if found := tuple(dict.fromkeys(whole(bare))):
        return found
    if found := matched(bare, begun_only=False):
        return found
    if bare.startswith(PHRASE[0]):
        return (PHRASE[1] + bare.removeprefix(PHRASE[0]),)
    if told := re.fullmatch(r"(.+…) (.+)", bare):  # an act, then what it is about
        return (f"{said(told[1])[0]} {said(told[2])[0]}",)
    if counted := re.fullmatch(r"(.*\D) (\d+)", bare):
        return tuple(f"{one} {counted[2]}" for one in said(counted[1]))
    return tuple(between(bare)) or matched(bare, begun_only=True) or (DAY.sub(_day, bare),)


def matched(bare: str, *, begun_only: bool) -> tuple[str, ...]:
    """A sentence with places, each said in English too."""
    for pattern, english in patterns(begun_only=begun_only):
        if match := pattern.fullmatch(bare):
            return (filled(english, {name: said(value)[0] for name, value in match.groupdict().items()}),)
    return ()


def whole(bare: str) -> Iterator[str]:
    """These words, then every sentence that they are a part of: what would be found by them is found by those."""
    yield from (one for one in known().get(bare, ()) if not PLACE.search(bare))
    if len(bare) > 3:
        for french, english in known().items():
            if bare in french and not PLACE.search(french):
                yield from (one if bare.endswith("…") else one.removesuffix("…") for one in english)


def between(bare: str) -> Iterator[str]:
    """The words between the same two places of a sentence that they are a part of (the longest without a tag)."""
    for french, (english, *_others) in known().items():
        if len(bare) < 6 or bare not in french:
            continue
        parts, theirs = PLACE.split(french)[::3], PLACE.split(english)[::3]
        for index, part in enumerate(parts):
            if bare in part and index < len(theirs):
                yield max(re.split(r"<[^>]+>", theirs[index]), key=len).strip()


def number(text: str) -> str:
    """Sums, numbers, hours and days as English writes them."""
    if found := re.fullmatch(r"(\d{1,3}(?: \d{3})*)( \$)?", text):
        figure = found[1].replace(" ", ",")
        return f"${figure}" if found[2] else figure
    if re.fullmatch(r"\d+,\d+", text):
        return text.replace(",", ".")
    if found := re.fullmatch(r"(\d{1,2}) h ?(\d\d)?", text):
        hour, half = int(found[1]), "a" if int(found[1]) < 12 else "p"
        return f"{hour % 12 or 12}{':' + found[2] if found[2] else ''} {half}.m."
    if found := re.fullmatch(rf"publiée le {DAY.pattern}", text):
        return f"on {_day(DAY.search(text))}"  # type: ignore[arg-type]
    return DAY.sub(_day, text) if DAY.fullmatch(text) else text


def _day(found: re.Match[str]) -> str:
    return formats.date_long(date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])), "en")


def words(asked: Any, *, exact: bool = False) -> Any:
    """The English of what a step looks for: a text, or each way of a pattern."""
    if isinstance(asked, re.Pattern):
        ways = []
        for way in asked.pattern.split("|"):
            head, tail = ("^" if way.startswith("^") else ""), ("$" if way.endswith("$") else "")
            for one in said(way.removeprefix("^").removesuffix("$")):
                ways.append(head + re.escape(one) + tail)
        return re.compile("|".join(ways), asked.flags)
    if not isinstance(asked, str):
        return asked
    found = known().get(plain(asked), ()) if exact else said(asked)
    if len(found) < 2:
        return found[0] if found else asked
    return re.compile(
        "|".join(f"^{re.escape(one)}$" if exact else re.escape(one) for one in found), re.IGNORECASE
    )


def address(url: str) -> str:
    """The same page in English."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("http") or parts.path.startswith(("/en/", "/static/")):
        return url
    return parts._replace(path=f"/en{parts.path or '/'}").geturl()


def _first(method: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    """A method whose first argument is changed."""

    def changed(self: Any, first: Any = None, *rest: Any, **more: Any) -> Any:
        return method(self, change(first), *rest, **more)

    return changed


def _named(method: Callable[..., Any]) -> Callable[..., Any]:
    """`get_by_role`, whose name is changed."""

    def changed(self: Any, role: Any, **more: Any) -> Any:
        if "name" in more:
            more["name"] = words(more["name"], exact=more.get("exact") or False)
        return method(self, role, **more)

    return changed


def _labelled(method: Callable[..., Any]) -> Callable[..., Any]:
    """`get_by_label`, whose label is changed."""

    def changed(self: Any, label: Any, **more: Any) -> Any:
        return method(self, words(label, exact=more.get("exact") or False), **more)

    return changed


def _typed(text: Any) -> Any:
    """The phrase that signs is in the language of the page; every other text is typed as it is."""
    return said(text)[0] if isinstance(text, str) and text.startswith(PHRASE[0]) else text


def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here to the end of the test everybody reads English."""
    for kind in (Page, Locator):
        monkeypatch.setattr(kind, "get_by_label", _labelled(kind.get_by_label))
        monkeypatch.setattr(kind, "get_by_role", _named(kind.get_by_role))
    monkeypatch.setattr(Page, "goto", _first(Page.goto, address))
    kept = Page.wait_for_url
    monkeypatch.setattr(
        Page, "wait_for_url", _first(kept, lambda url: address(url) if isinstance(url, str) else url)
    )
    monkeypatch.setattr(Locator, "fill", _first(Locator.fill, _typed))
    read = Locator.input_value

    def typed_back(self: Locator) -> str:
        text = read(self)
        return PHRASE[0] + text.removeprefix(PHRASE[1]) if text.startswith(PHRASE[1]) else text

    monkeypatch.setattr(Locator, "input_value", typed_back)
    for name in ("to_contain_text", "to_have_text"):
        monkeypatch.setattr(LocatorAssertions, name, _first(getattr(LocatorAssertions, name), words))
    for name in ("not_to_contain_text",):
        monkeypatch.setattr(LocatorAssertions, name, _first(getattr(LocatorAssertions, name), words))
