"""The document model: what a letter or a report says, before anything about how it looks.

Everything here is frozen, typed and plain: the renderer gets words that are already chosen, translated and
formatted. ``Content`` is a string, or a tuple of strings and :class:`Run` when some words carry a mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

Language = Literal["fr", "en"]
ColumnKind = Literal["header", "text", "amount", "digest"]

LINK_SCHEMES = frozenset({"https", "mailto", "tel"})


def allowed_link(target: str) -> bool:
    """Say whether a link may be live in a document: one allow-list of schemes, printable ASCII only."""
    if not re.fullmatch(r"[!-~]{1,2000}", target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme == "http":  # a site tried on its own machine has no certificate
        return parts.hostname in {"127.0.0.1", "localhost"}
    if parts.scheme not in LINK_SCHEMES:
        return False
    return bool(parts.hostname) if parts.scheme == "https" else bool(parts.path)


@dataclass(frozen=True, slots=True)
class Run:
    """A few words of plain text with their marks; the text is never read as markup.

    ``lang`` is a language tag such as ``en-CA``; a ``link`` that is not allowed leaves the words alone;
    ``digest`` shows a hash in groups of eight and keeps it whole for a screen reader; ``alert`` is strong
    and red, always beside words that say the same.
    """

    text: str
    strong: bool = False
    emphasis: bool = False
    lang: str = ""
    link: str = ""
    digest: bool = False
    alert: bool = False


Content = str | tuple[str | Run, ...]


def runs(content: Content) -> tuple[Run, ...]:
    """Return the content as runs."""
    parts = (content,) if isinstance(content, str) else content
    return tuple(part if isinstance(part, Run) else Run(part) for part in parts)


def plain(content: Content) -> str:
    """Return the words of the content without their marks."""
    return "".join(run.text for run in runs(content))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the body, level 2 or 3: level 1 is the subject or the title, and there is only one."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    content: Content


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Cut free text written by a person into paragraphs, one for each line that holds words."""
    return tuple(Paragraph(line) for line in text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a second line in small print, such as the name of a file."""

    content: Content
    note: str = ""


CellContent = Content | Cell


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and how its cells are set; ``header`` cells name their row."""

    title: str
    kind: ColumnKind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of data; without ``show_head`` the first column alone names the rows (a list of facts)."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[CellContent, ...], ...]
    total: tuple[CellContent, ...] = ()
    show_head: bool = True

    def __post_init__(self) -> None:
        width = len(self.columns)
        if not width or any(len(row) != width for row in self.rows) or len(self.total) not in {0, width}:
            raise ValueError("every row of a table holds one cell for each column")


def facts(caption: str, rows: tuple[tuple[str, CellContent], ...]) -> Table:
    """Return a table of names and values, without a head."""
    return Table(caption, (Column("", "header"), Column("")), rows, show_head=False)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, with at most one list under it."""

    content: Content
    inner: ItemList | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list, numbered when ``ordered``."""

    items: tuple[Content | Item, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code holding the payload."""

    payload: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its name, its length out of ``Bars.full``, and the value as it is read."""

    label: str
    value: int
    shown: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars on one scale that ends at ``full``."""

    bars: tuple[Bar, ...]
    full: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing and the text that says the same."""

    alt: str
    painter: Qr | Bars

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a figure needs a text that says what it shows")


Block = Heading | Paragraph | Table | ItemList | Figure


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the ministry, and the unit under it."""

    ministry: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """The lines of an address, civility first."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """How to check the document: its code, the full address with the code, and a title when it is special."""

    code: str
    address: str
    title: str = ""

    def __post_init__(self) -> None:
        if not allowed_link(self.address):
            raise ValueError("the address of verification is not a web address")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, and in what function."""

    name: str
    function: str


@dataclass(frozen=True, slots=True)
class Contact:
    """The person to ask, with a telephone number and a mail address."""

    name: str
    telephone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one recipient. ``date`` is shown, ``issued`` is the instant kept in the file."""

    kind: str
    language: Language
    title: str
    reference: str
    issued: datetime
    date: str
    letterhead: Letterhead
    place_and_date: str
    recipient: Address
    subject: str
    salutation: str
    body: tuple[Block, ...]
    closing: str
    signatures: tuple[Signature, ...]
    mode: str = ""
    organisation: str = ""
    enclosures: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    contact: Contact | None = None
    verification: Verification | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A document that is not a letter: receipt, minutes, whole dossier. Its title is its one H1."""

    kind: str
    language: Language
    title: str
    reference: str
    issued: datetime
    date: str
    letterhead: Letterhead
    body: tuple[Block, ...]
    signatures: tuple[Signature, ...] = ()
    contact: Contact | None = None
    verification: Verification | None = None
    outline: bool = False
    organisation: str = ""
    notice: str = ""


Document = Letter | Report
