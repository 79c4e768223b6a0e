"""Read a PDF back with tools that are not ours: poppler for words, faces and pictures, zbar for codes."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pikepdf

from notifications.letters import document as d
from notifications.letters.fixed import WORDS


def tool(name: str, *arguments: str) -> str:
    """Run a tool; a missing one is a failure, never a skip."""
    path = shutil.which(name)
    if path is None:
        raise AssertionError(f"{name} is missing: install poppler-utils and zbar-tools")
    done = subprocess.run([path, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def folded(text: str) -> str:
    """Return the text with every blank as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def structure(pdf: Path) -> list[tuple[str, str]]:
    """Return (element, words) in the order of the structure, inline elements joined to what holds them."""
    found: list[tuple[str, str]] = []
    for line in tool("pdfinfo", "-struct-text", str(pdf)).splitlines():
        bare = line.strip()
        if bare.startswith('"'):
            name, words = found[-1]
            found[-1] = (name, words + bare[1 : bare.rindex('"')])
        elif (match := re.match(r"(\w+)(?: \(\w+\))?:?$", bare)) and match[1] not in {"Span", "Link"}:
            found.append((match[1], ""))
    return [(name, folded(words)) for name, words in found]


def spoken(pdf: Path) -> str:
    """Return all the words of the structure, in order."""
    return folded(" ".join(words for _, words in structure(pdf)))


def page_words(pdf: Path, page: int) -> str:
    """Return the words seen on a page."""
    return folded(tool("pdftotext", "-f", str(page), "-l", str(page), "-layout", str(pdf), "-"))


def faces(pdf: Path) -> set[str]:
    """Return the faces of a file, and fail when one is not embedded."""
    rows = tool("pdffonts", str(pdf)).splitlines()[2:]
    assert all(" yes yes yes " in row for row in rows), rows
    return {row.split()[0].split("+")[1] for row in rows}


def code_on(pdf: Path, page: int) -> str:
    """Return what the QR code of a page says, read from its picture at 200 dots per inch."""
    picture = pdf.with_suffix("")
    tool(
        "pdftoppm",
        "-r",
        "200",
        "-png",
        "-f",
        str(page),
        "-l",
        str(page),
        "-singlefile",
        str(pdf),
        str(picture),
    )
    return tool("zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", f"{picture}.png").strip()


def elements(pdf: pikepdf.Pdf) -> list[tuple[str, pikepdf.Object]]:
    """Return the structure elements of an open file, in order."""
    found: list[tuple[str, pikepdf.Object]] = []

    def walk(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S)[1:], node))
            for kid in node.get("/K", pikepdf.Array()):
                if not isinstance(kid, int):
                    walk(kid)

    walk(pdf.Root.StructTreeRoot.K[0])
    return found


def _content(content: d.Content) -> str:
    return "".join(
        " ".join(re.findall(".{1,8}", run.text)) if run.digest else run.text for run in d.runs(content)
    )


def _cell(cell: d.CellContent) -> str:
    return f"{_content(cell.content)} {cell.note}" if isinstance(cell, d.Cell) else _content(cell)


def _block(block: d.Block, depth: int = 0) -> list[str]:
    match block:
        case d.Heading():
            return [block.text]
        case d.Paragraph():
            return [_content(block.content)]
        case d.Figure():
            return (
                [f"{bar.label} {bar.shown}" for bar in block.painter.bars]
                if isinstance(block.painter, d.Bars)
                else []
            )
        case d.Table():
            rows = [*block.rows, *([block.total] if block.total else [])]
            head = [column.title for column in block.columns] if block.show_head else []
            return [block.caption, *head, *(_cell(cell) for row in rows for cell in row)]
        case d.ItemList():
            said = []
            for number, entry in enumerate(block.items, start=1):
                item = entry if isinstance(entry, d.Item) else d.Item(entry)
                said += [f"{number}." if block.ordered else "–" if depth else "•", _content(item.content)]
                said += _block(item.inner, depth + 1) if item.inner else []
            return said


def source_words(document: d.Document) -> str:
    """Return the words of the model in reading order, put together without the renderer."""
    words = WORDS[document.language]
    said = [document.letterhead.ministry, document.letterhead.unit]
    if isinstance(document, d.Letter):
        said += [document.place_and_date, document.mode, *document.recipient.lines]
        said += [
            words.reference.format(reference=document.reference),
            words.subject.format(subject=document.subject),
        ]
        said.append(document.salutation)
    else:
        said.append(document.title)
    said += [part for block in document.body for part in _block(block)]
    said += [document.closing] if isinstance(document, d.Letter) else []
    return folded(" ".join(said + _end(document)))


def _end(document: d.Document) -> list[str]:
    words = WORDS[document.language]
    signed = [f"{one.name} {one.function}" for one in document.signatures]
    notes, check = [], []
    if isinstance(document, d.Letter):
        notes += [f"{words.enclosures} {'; '.join(document.enclosures)}"] if document.enclosures else []
        notes += [f"{words.copies} {'; '.join(document.copies)}"] if document.copies else []
    if document.contact:
        contact = document.contact
        notes.append(f"{words.contact}{words.colon}{contact.name}, {contact.telephone}, {contact.mail}")
    if document.verification:
        shown = document.verification.address.split("://", 1)[1].partition("?")[0]
        title = words.verify_letter if isinstance(document, d.Letter) else words.verify_report
        check = [document.verification.title or title]
        check += [
            words.verify_before + document.verification.code + words.verify_middle + shown + words.verify_scan
        ]
        check += [words.verify_private.strip()]
    return [*signed, *notes, *check]
