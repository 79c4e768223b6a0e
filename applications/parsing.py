"""Whether a file can be opened as what it says it is, and holds nothing that acts by itself.

Extension and first bytes are `scanning`'s; here the parser of each kind opens the file, under limits. BadFile
carries the sentence for the person: what is wrong, and what to do.
"""

from __future__ import annotations

import logging
import warnings
import zipfile
from collections.abc import Callable
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, PdfObject

from applications.scanning import BadFile, extension

AT_ONCE = 2_000_000  # bytes: a bigger file is opened by the worker, not in the request
MOST_PIXELS = 80_000_000
MOST_ENTRIES = 5_000
MOST_UNPACKED = 300_000_000  # bytes
MOST_RATIO = 200  # times its packed size, for a part of more than a megabyte
MEGABYTE = 1_000_000
OFFICE = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
OPEN_OFFICE = {
    ".odt": b"application/vnd.oasis.opendocument.text",
    ".ods": b"application/vnd.oasis.opendocument.spreadsheet",
}
PROGRAMS = ("vbaproject.bin", "vbadata.xml", "activex")  # parts of Office files that run
INSIDE = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".scr", ".jar", ".zip", ".7z", ".rar")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every flaw of a file that it mends


def check(stored: IO[bytes], name: str) -> None:
    """Open a file as its extension says; BadFile when it cannot be, or when something in it acts by itself."""
    suffix = extension(name)
    stored.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _CHECKS[suffix](stored, name)
    except BadFile:
        raise
    except Exception as fault:
        raise _broken(name) from fault
    finally:
        stored.seek(0)


def _broken(name: str) -> BadFile:
    return BadFile(
        _("« %(name)s » ne s’ouvre pas : il est abîmé. Enregistrez-le de nouveau, puis renvoyez-le.")
        % {"name": name}
    )


# --- PDF ------------------------------------------------------------------------------------------------
def _pdf(stored: IO[bytes], name: str) -> None:
    """One page at least, no password, no script, no program, no file inside."""
    reader = PdfReader(stored, strict=False)
    if reader.is_encrypted:
        raise BadFile(
            _("« %(name)s » est protégé par un mot de passe : enlevez la protection, puis renvoyez-le.")
            % {"name": name}
        )
    root = reader.root_object
    if not len(reader.pages):
        raise _broken(name)
    names = _dictionary(root.get("/Names"))
    if "/EmbeddedFiles" in names:
        raise BadFile(
            _("« %(name)s » contient d’autres fichiers : envoyez chacun à part, en PDF simple.")
            % {"name": name}
        )
    if (
        "/JavaScript" in names
        or _acts(root.get("/OpenAction"))
        or "/AA" in root
        or "/XFA" in _dictionary(root.get("/AcroForm"))
    ):
        raise BadFile(
            _(
                "« %(name)s » contient des actions ou un script : imprimez-le en PDF (« Microsoft Print to PDF » "
                "ou l’équivalent), puis envoyez cette copie."
            )
            % {"name": name}
        )


def _dictionary(given: object) -> DictionaryObject:
    found = given.get_object() if isinstance(given, PdfObject) else given
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _acts(action: object) -> bool:
    """An opening action that runs something; going to a page is none."""
    found = _dictionary(action)
    return str(found.get("/S", "")) in {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/URI"}


# --- images -----------------------------------------------------------------------------------------------
def _image(stored: IO[bytes], name: str) -> None:
    """Its parts are whole and it is not made to fill the memory."""
    with Image.open(stored, formats=("PNG", "JPEG")) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise BadFile(
                _("« %(name)s » est une image trop grande : réduisez-la à moins de 80 millions de pixels.")
                % {"name": name}
            )
        picture.verify()


# --- documents of an office -------------------------------------------------------------------------------
def _office(stored: IO[bytes], name: str) -> None:
    """A package of Office: its main part, no macro, nothing hidden inside."""
    with zipfile.ZipFile(stored) as package:
        parts = _parts(package, name)
        if "[content_types].xml" not in parts or OFFICE[extension(name)] not in parts:
            raise _broken(name)
        types = package.read("[Content_Types].xml")[:MEGABYTE].lower()
        has_programs = any(word in part for part in parts for word in PROGRAMS)
        if has_programs or b"macroenabled" in types:
            raise _macros(name)
        if any("/embeddings/" in part for part in parts):
            raise BadFile(
                _("« %(name)s » contient d’autres fichiers : envoyez chacun à part, ou tout en PDF.")
                % {"name": name}
            )


def _open_office(stored: IO[bytes], name: str) -> None:
    """A package of OpenDocument: its kind, no macro."""
    with zipfile.ZipFile(stored) as package:
        parts = _parts(package, name)
        if "mimetype" not in parts or "content.xml" not in parts:
            raise _broken(name)
        if package.read("mimetype").strip() != OPEN_OFFICE[extension(name)]:
            raise _broken(name)
        if any(part.startswith(("basic/", "scripts/")) for part in parts):
            raise _macros(name)


def _macros(name: str) -> BadFile:
    return BadFile(
        _("« %(name)s » contient des macros : enregistrez-le sans macros, ou en PDF, puis renvoyez-le.")
        % {"name": name}
    )


def _parts(package: zipfile.ZipFile, name: str) -> set[str]:
    """The names of the parts, in lower case; too many, too big or another archive is refused."""
    entries = package.infolist()
    unpacked = sum(one.file_size for one in entries)
    swollen = any(
        one.file_size > MEGABYTE and one.file_size > MOST_RATIO * max(1, one.compress_size) for one in entries
    )
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or swollen:
        raise BadFile(_("« %(name)s » est trop gros une fois ouvert : envoyez-le en PDF.") % {"name": name})
    parts = {one.filename.lower() for one in entries}
    if any(part.endswith(INSIDE) for part in parts):
        raise BadFile(
            _("« %(name)s » contient d’autres fichiers : envoyez chacun à part, ou tout en PDF.")
            % {"name": name}
        )
    for one in entries:
        if one.filename.lower().endswith((".xml", ".rels")):
            with package.open(one) as part:
                head = part.read(2048)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise _broken(name)
    return parts


# --- text -------------------------------------------------------------------------------------------------
def _text(stored: IO[bytes], name: str) -> None:
    """Words, in UTF-8 or as Windows writes them; no sign that only a program has."""
    data = stored.read()
    if b"\x00" in data:
        raise _broken(name)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        data.decode("cp1252", errors="strict")


_CHECKS: dict[str, Callable[[IO[bytes], str], None]] = {
    ".pdf": _pdf,
    ".png": _image,
    ".jpg": _image,
    ".jpeg": _image,
    ".docx": _office,
    ".xlsx": _office,
    ".ods": _open_office,
    ".odt": _open_office,
    ".csv": _text,
    ".txt": _text,
}
