"""Whether a file can be opened as what it says it is, and holds nothing that acts by itself.

Extension and first bytes are `scanning`'s; here the parser of each kind opens the file, under limits. BadFile
carries the sentence for the person: what is wrong, and what to do. `python -m applications.parsing .pdf < FILE` opens
one in a process of its own, which a file made to exhaust memory or time ends alone.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject

from applications.extracting import limit
from applications.scanning import BadFile, extension

AT_ONCE = 2_000_000  # bytes: a bigger file is opened in a process of its own
PATIENCE = 40  # seconds of it
CHUNK = 64 * 1024
MOST_PIXELS = 80_000_000
MOST_ENTRIES = 5_000
MOST_UNPACKED = 300_000_000  # bytes
MOST_PART = 100_000_000  # bytes of one part: of a longer one the scanner reads the start alone, and says nothing of it
MOST_RATIO = 200  # times its packed size, for a part of more than a megabyte
MEGABYTE = 1_000_000
OFFICE = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
OPEN_OFFICE = {
    ".odt": b"application/vnd.oasis.opendocument.text",
    ".ods": b"application/vnd.oasis.opendocument.spreadsheet",
}
PROGRAMS = ("vbaproject.bin", "vbadata.xml", "activex")  # parts of Office files that run
INSIDE = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".scr", ".jar", ".zip", ".7z", ".rar")
OPENING = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/URI",
}  # what no document does when it opens
RUNNING = OPENING - {"/URI"}  # a link that somebody follows is none

SENTENCES: Mapping[str, object] = {
    "broken": gettext_lazy(
        "« %(name)s » ne s’ouvre pas : il est abîmé. Enregistrez-le de nouveau, puis renvoyez-le."
    ),
    "heavy": gettext_lazy(
        "« %(name)s » est trop complexe pour être ouvert ici : envoyez-le plus simple, ou en plusieurs parties."
    ),
    "locked": gettext_lazy(
        "« %(name)s » est protégé par un mot de passe : enlevez la protection, puis renvoyez-le."
    ),
    "files": gettext_lazy("« %(name)s » contient d’autres fichiers : envoyez chacun à part, en PDF simple."),
    "acts": gettext_lazy(
        "« %(name)s » contient des actions ou un script : imprimez-le en PDF (« Microsoft Print to PDF » "
        "ou l’équivalent), puis envoyez cette copie."
    ),
    "pixels": gettext_lazy(
        "« %(name)s » est une image trop grande : réduisez-la à moins de 80 millions de pixels."
    ),
    "parts": gettext_lazy("« %(name)s » contient d’autres fichiers : envoyez chacun à part, ou tout en PDF."),
    "macros": gettext_lazy(
        "« %(name)s » contient des macros : enregistrez-le sans macros, ou en PDF, puis renvoyez-le."
    ),
    "swollen": gettext_lazy("« %(name)s » est trop gros une fois ouvert : envoyez-le en PDF."),
}

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every flaw of a file that it mends


class Fault(Exception):
    """What is wrong with a file: a key of SENTENCES."""


def check(stored: IO[bytes], name: str) -> None:
    """Open a file as its extension says; BadFile when it cannot be, or when something in it acts by itself."""
    stored.seek(0)
    fault = fault_of(stored, extension(name))
    stored.seek(0)
    _say(fault, name)


def check_apart(stored: IO[bytes], name: str) -> None:
    """The same in a process of its own, bounded in memory and time."""
    command = [sys.executable, "-m", "applications.parsing", extension(name)]
    with tempfile.TemporaryFile() as given:
        stored.seek(0)
        while piece := stored.read(CHUNK):
            given.write(piece)
        given.seek(0)
        stored.seek(0)
        try:
            done = subprocess.run(
                command, stdin=given, capture_output=True, timeout=PATIENCE, check=False,
                cwd=settings.BASE_DIR, env={"PYTHONHASHSEED": "0"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            _say("heavy", name)
            return
    fault = done.stdout.decode("ascii", "replace").strip()
    _say("heavy" if done.returncode or (fault and fault not in SENTENCES) else fault, name)


def _say(fault: str, name: str) -> None:
    if fault:
        raise BadFile(str(SENTENCES[fault]) % {"name": name})


def fault_of(stored: IO[bytes], suffix: str) -> str:
    """What is wrong with a file, "" for nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _CHECKS[suffix](stored)
    except Fault as fault:
        return str(fault)
    except MemoryError:
        return "heavy"
    except Exception:  # noqa: BLE001 - whatever a parser thinks of
        return "broken"
    return ""


# --- PDF ------------------------------------------------------------------------------------------------
def _pdf(stored: IO[bytes]) -> None:
    """One page at least, no password, no script, no program, no file inside."""
    reader = PdfReader(stored, strict=False)
    if reader.is_encrypted:
        raise Fault("locked")
    root = reader.root_object
    if not len(reader.pages):
        raise Fault("broken")
    names = _dictionary(root.get("/Names"))
    if "/EmbeddedFiles" in names:
        raise Fault("files")
    opens = _acts(root.get("/OpenAction"), OPENING) or "/AA" in root
    if opens or "/JavaScript" in names or "/XFA" in _dictionary(root.get("/AcroForm")):
        raise Fault("acts")
    for page in reader.pages:
        _page(page)


def _page(page: DictionaryObject) -> None:
    """Nothing on a page acts, and no file is pinned to it."""
    if any(_acts(one, RUNNING) for one in _dictionary(page.get("/AA")).values()):
        raise Fault("acts")
    for mark in _array(page.get("/Annots")):
        given = _dictionary(mark)
        if given.get("/Subtype") == "/FileAttachment":
            raise Fault("files")
        actions = [given.get("/A"), *_dictionary(given.get("/AA")).values()]
        if any(_acts(one, RUNNING) for one in actions):
            raise Fault("acts")


def _dictionary(given: object) -> DictionaryObject:
    found = given.get_object() if isinstance(given, PdfObject) else given
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _array(given: object) -> Iterator[object]:
    found = given.get_object() if isinstance(given, PdfObject) else given
    yield from found if isinstance(found, ArrayObject) else ()


def _acts(action: object, kinds: set[str], depth: int = 8) -> bool:
    """An action that runs something, or one that follows it; going to a page is none."""
    found = _dictionary(action)
    if str(found.get("/S", "")) in kinds:
        return True
    after = found.get("/Next")
    if after is None:
        return False
    following = [*_array(after)] or [after]
    return depth == 0 or any(_acts(one, kinds, depth - 1) for one in following)


# --- images -----------------------------------------------------------------------------------------------
def _image(stored: IO[bytes]) -> None:
    """Its parts are whole and it is not made to fill the memory."""
    with Image.open(stored, formats=("PNG", "JPEG")) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise Fault("pixels")
        picture.verify()


# --- documents of an office -------------------------------------------------------------------------------
def _office(main: str) -> Callable[[IO[bytes]], None]:
    """A package of Office: its main part, no macro, nothing hidden inside."""

    def check_package(stored: IO[bytes]) -> None:
        with zipfile.ZipFile(stored) as package:
            parts = _parts(package)
            if "[content_types].xml" not in parts or main not in parts:
                raise Fault("broken")
            types = _start(package, "[Content_Types].xml", MEGABYTE).lower()
            has_programs = any(word in part for part in parts for word in PROGRAMS)
            if has_programs or b"macroenabled" in types:
                raise Fault("macros")
            if any("/embeddings/" in part for part in parts):
                raise Fault("parts")

    return check_package


def _open_office(kind: bytes) -> Callable[[IO[bytes]], None]:
    """A package of OpenDocument: its kind, no macro."""

    def check_package(stored: IO[bytes]) -> None:
        with zipfile.ZipFile(stored) as package:
            parts = _parts(package)
            if "mimetype" not in parts or "content.xml" not in parts:
                raise Fault("broken")
            if _start(package, "mimetype", 200).strip() != kind:
                raise Fault("broken")
            if any(part.startswith(("basic/", "scripts/")) for part in parts):
                raise Fault("macros")

    return check_package


def _start(package: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A small part, whole; one that is bigger than such a part ever is was made to fill the memory."""
    with package.open(name) as part:
        data = part.read(most + 1)
    if len(data) > most:
        raise Fault("swollen")
    return data


def _parts(package: zipfile.ZipFile) -> set[str]:
    """The names of the parts, in lower case; too many, too big or another archive is refused."""
    entries = package.infolist()
    unpacked = sum(one.file_size for one in entries)
    swollen = any(
        one.file_size > MEGABYTE and one.file_size > MOST_RATIO * max(1, one.compress_size) for one in entries
    )
    longest = max((one.file_size for one in entries), default=0)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or longest > MOST_PART or swollen:
        raise Fault("swollen")
    parts = {one.filename.lower() for one in entries}
    if any(part.endswith(INSIDE) for part in parts):
        raise Fault("parts")
    for one in entries:
        if one.filename.lower().endswith((".xml", ".rels")):
            with package.open(one) as part:
                head = part.read(2048).replace(b"\x00", b"")  # UTF-16 too
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise Fault("broken")
    return parts


# --- text -------------------------------------------------------------------------------------------------
def _text(stored: IO[bytes]) -> None:
    """Words, in UTF-8 or as Windows writes them; no sign that only a program has."""
    data = stored.read()
    if b"\x00" in data:
        raise Fault("broken")
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        data.decode("cp1252", errors="strict")


_CHECKS: dict[str, Callable[[IO[bytes]], None]] = {
    ".pdf": _pdf,
    ".png": _image,
    ".jpg": _image,
    ".jpeg": _image,
    **{suffix: _office(main) for suffix, main in OFFICE.items()},
    **{suffix: _open_office(kind) for suffix, kind in OPEN_OFFICE.items()},
    ".csv": _text,
    ".txt": _text,
}


def main() -> int:
    """Print what is wrong with the file on the input; nothing when nothing is."""
    suffix = sys.argv[1] if len(sys.argv) == 2 else ""
    if suffix not in _CHECKS:
        print(f"usage: python -m applications.parsing {'|'.join(_CHECKS)} < FILE", file=sys.stderr)  # noqa: T201
        return 2
    limit()
    print(fault_of(sys.stdin.buffer, suffix))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
