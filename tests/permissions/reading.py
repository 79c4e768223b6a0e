"""What a page says to its reader: words between tags and in the attributes that are read out, with their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
SILENT = frozenset(("script", "style", "textarea"))  # textarea: what the person typed
SAID = re.compile(r"^(aria-label|alt|title|placeholder|aria-description|data-[a-z-]+)$")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*", re.UNICODE)


@dataclass
class Page(HTMLParser):
    """The words of an HTML page: (language, text), in order."""

    said: list[tuple[str, str]] = field(default_factory=list)
    stack: list[tuple[str, str]] = field(default_factory=list)
    lang: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element: its language is its own or that around it."""
        found = {name: value or "" for name, value in attrs}
        lang = found.get("lang") or self._lang()
        self.lang = self.lang or lang
        for name, value in found.items():
            if SAID.match(name) and (name[:4] != "data" or " " in value):
                self.said.append((lang[:2], plain(value)))
            if name == "value" and tag == "input" and found.get("type") in ("submit", "button"):
                self.said.append((lang[:2], plain(value)))
            if name == "content" and found.get("name") == "description":
                self.said.append((lang[:2], plain(value)))
        if tag not in VOID:
            self.stack.append((tag, lang))

    def handle_endtag(self, tag: str) -> None:
        """The end of an element, and of those left open in it."""
        while self.stack:
            if self.stack.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        """Words."""
        if data.strip() and not (self.stack and self.stack[-1][0] in SILENT):
            self.said.append((self._lang()[:2], plain(data)))

    def _lang(self) -> str:
        return self.stack[-1][1] if self.stack else self.lang


def read(html: str) -> Page:
    """A page, read to its end."""
    page = Page()
    page.feed(html)
    return page


def plain(text: str) -> str:
    """A text with one plain space between its words."""
    return " ".join(text.split())


def words(text: str) -> Iterator[str]:
    """The words of a text, elided articles with their word."""
    yield from WORD.findall(text.replace("'", "’"))
