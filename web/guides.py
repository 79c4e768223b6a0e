"""The guides: one text a role in each language (docs/guides), cut in sections that pages link to.

A file begins with `# Title` and a sentence; each section with `## Title {#anchor}`. `pages.toml` says, guide by
guide, which views a section is about; a view that two faces share is named `staff/view` or `applicant/view`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

from web import formats
from web.text import render_markdown

LANGUAGES = ("fr", "en")
HEAD = re.compile(r"^## (?P<title>.+?) \{#(?P<anchor>[a-z0-9-]+)\}$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A part of a guide that a page can link to."""

    anchor: str
    title: str
    html: SafeString


@dataclass(frozen=True)
class Guide:
    """The guide of a role in one language."""

    slug: str
    title: str
    summary: str
    sections: tuple[Section, ...]


def folder() -> Path:
    """Where the texts are."""
    return Path(settings.BASE_DIR) / "docs" / "guides"


@lru_cache(maxsize=1)
def pages() -> Mapping[str, Mapping[str, list[str]]]:
    """Guides in their order, their sections, and the views each section is about."""
    return tomllib.loads((folder() / "pages.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _by_view() -> dict[str, str]:
    """`guide#section` of each view."""
    return {
        view: f"{slug}#{anchor}"
        for slug, sections in pages().items()
        for anchor, views in sections.items()
        for view in views
    }


@lru_cache(maxsize=64)
def _read(slug: str, language: str) -> Guide:
    text = (folder() / language / f"{slug}.md").read_text(encoding="utf-8")
    top, *rest = HEAD.split(text)
    title, _, summary = top.strip().removeprefix("# ").partition("\n")
    found = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    sections = tuple(Section(anchor, name, render_markdown(body.strip())) for name, anchor, body in found)
    return Guide(slug, title.strip(), " ".join(summary.split()), sections)


def guide(slug: str, language: str | None = None) -> Guide | None:
    """A guide in a language (the reader's unless said), nothing when there is none of that name."""
    return _read(slug, language or formats.language()) if slug in pages() else None


def guides(language: str | None = None) -> list[Guide]:
    """Every guide, in order."""
    return [_read(slug, language or formats.language()) for slug in pages()]


def section_of(view: str, face: str) -> str:
    """`guide#section` about a view on a face, or nothing."""
    known = _by_view()
    return known.get(f"{face}/{view}") or known.get(view, "")
