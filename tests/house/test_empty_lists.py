"""An empty list says what comes there and what to do: a sentence and a way out, in every template."""

from __future__ import annotations

import re

from tests.house import source

EMPTY = re.compile(r'<div class="empty">(.*?)</div>', re.DOTALL)
LIST = re.compile(r'\{% include "components/list.html"[^%]*%\}')
SENTENCE = re.compile(r"<p\b[^>]*>(?:(?!</p>).){40,}?", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Every empty place of the templates: where, and what it holds."""
    return [
        (source.name(path), found)
        for path in source.templates()
        if path.name != "empty.html"
        for found in EMPTY.findall(path.read_text(encoding="utf-8"))
    ]


def test_the_scan_sees_something() -> None:
    assert len(blocks()) > 20


def test_each_says_what_comes_and_what_to_do() -> None:
    bare = [where for where, held in blocks() if not SENTENCE.search(held) or "href=" not in held]
    assert bare == []


def test_each_list_has_its_own_words() -> None:
    """In its template, or from its view where the words depend on the face."""
    told = {"templates/applications/list_staff.html", "templates/audit/dossiers.html"}
    texts = {source.name(path): path.read_text(encoding="utf-8") for path in source.templates()}
    bare = {name for name, text in texts.items() if LIST.search(text) and "empty_text" not in text}
    assert bare == told
