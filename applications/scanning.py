"""What an uploaded file really is, and where the scan of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import puremagic
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NO_SCANNER = "none"
HEAD = 8192

# Extension: media type, and the extensions by which its first bytes are known (empty: plain text).
TYPES: Mapping[str, tuple[str, frozenset[str]]] = {
    ".pdf": ("application/pdf", frozenset({".pdf"})),
    ".png": ("image/png", frozenset({".png", ".apng"})),
    ".jpg": ("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"})),
    ".jpeg": ("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"})),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        frozenset({".docx", ".zip", ".xlsx", ".pptx"}),
    ),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        frozenset({".xlsx", ".zip", ".docx", ".pptx"}),
    ),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", frozenset({".ods", ".odt", ".zip"})),
    ".odt": ("application/vnd.oasis.opendocument.text", frozenset({".odt", ".ods", ".zip"})),
    ".csv": ("text/csv", frozenset()),
    ".txt": ("text/plain", frozenset()),
}

SCAN_WORDS = {
    "not_scanned": gettext_lazy("non analysé"),
    "waiting": gettext_lazy("analyse en cours"),
    "away": gettext_lazy("analyse en attente : le service d’analyse ne répond pas"),
    "clean": gettext_lazy("analysé, sain"),
    "infected": gettext_lazy("retenu : logiciel malveillant"),
    "failed": gettext_lazy("analyse impossible"),
}


class BadFile(ValueError):
    """The file cannot be received; the message is a sentence for the person."""


def is_off() -> bool:
    """Whether no scanner is set: files are « non analysé », and readable."""
    return bool(settings.FILE_SCANNER == NO_SCANNER)


def initial_state() -> str:
    """« non analysé » where no scanner is set, else waiting for it."""
    return "not_scanned" if is_off() else "waiting"


def words(state: str) -> str:
    """The words shown beside a file."""
    return str(SCAN_WORDS.get(state, state))


def is_readable(state: str) -> bool:
    """With a scanner, only what it found clean leaves quarantine; without one, what nobody scanned is readable."""
    return state == "clean" or (state == "not_scanned" and is_off())


def why_unreadable(state: str) -> str:
    """Why a file is not given, and what to do."""
    if state == "infected":
        return _("Ce fichier est retenu : il porte un logiciel malveillant.")
    if state == "failed":
        return _(
            "Ce fichier est retenu : il n’a pas pu être analysé. Envoyez-le de nouveau dans un autre format."
        )
    if state == "away":
        return _(
            "Ce fichier attend son analyse : le service d’analyse ne répond pas. Il sera lisible dès qu’il sera "
            "reconnu sain; le dépôt n’attend pas."
        )
    return _(
        "Ce fichier est en cours d’analyse : il sera lisible dès qu’il sera reconnu sain. Le dépôt n’attend pas."
    )


def extension(name: str) -> str:
    """The extension of a file's name, in lower case."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def safe_name(name: str) -> str:
    """The last part of a name, without control characters, its extension kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    text = "".join(one for one in last if one.isprintable() and one not in '<>:"|?*').strip(" .") or "fichier"
    kept = extension(text)
    return text if len(text) <= 200 else text[: 200 - len(kept)] + kept


def media_type(name: str, head: bytes, accept: tuple[str, ...]) -> str:
    """The media type of a file whose extension is accepted and whose first bytes say the same, or BadFile."""
    suffix = extension(name)
    if suffix not in (accept or tuple(TYPES)) or suffix not in TYPES:
        allowed = ", ".join(one.removeprefix(".").upper() for one in accept)
        raise BadFile(
            _("« %(name)s » n’est pas d’un type accepté (%(types)s).") % {"name": name, "types": allowed}
        )
    media, known = TYPES[suffix]
    if not head:
        raise BadFile(_("« %(name)s » est vide.") % {"name": name})
    if not _is_of(head, known, suffix):
        said = _("« %(name)s » porte l’extension %(suffix)s, mais son contenu n’est pas de ce type.")
        raise BadFile(said % {"name": name, "suffix": suffix})
    return media


def _is_of(head: bytes, known: frozenset[str], suffix: str) -> bool:
    if not head:
        return False
    if not known:
        return b"\x00" not in head
    if suffix == ".pdf":
        return head.lstrip()[:5] == b"%PDF-"
    try:
        found = {one.extension for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & known)
