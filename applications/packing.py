"""Files of dossiers in one ZIP, written as it is read: nothing is kept in memory but the list.

A few dossiers at a time are asked again through `visible_to`, so a right that goes away takes the rest away.
Each file is digested on its way; the list that ends the ZIP says what is in it, what is not, and why.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from applications import scanning
from applications.models import Attachment, Dossier, Snapshot
from applications.snapshots import content_of
from web import clock, formats
from workflows.engine import record
from workflows.models import Event

BATCH = 25  # dossiers asked at a time
CHUNK = 256 * 1024
MOST = 2_000_000_000  # bytes in one ZIP
MOST_AT_ONCE = 200_000_000  # bytes that are given in the request
DOSSIERS_AT_ONCE = 100
TEXTS = frozenset({"text/csv", "text/plain"})  # the others are pressed already
LIST = "manifest.csv"
LONGEST = 120  # signs of one part of a path
PORTS = tuple(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))
RESERVED = frozenset({"con", "prn", "aux", "nul", *PORTS})  # names that Windows keeps for itself
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Step = Callable[[Sequence[Any]], None]


def weight(rows: Any) -> tuple[int, int]:
    """How many of these dossiers have files, and how many bytes: two figures, one statement."""
    keys = rows.select_related(None).order_by().values("pk")
    there = Attachment.objects.filter(dossier_id__in=keys, removed_at__isnull=True)
    found = there.aggregate(dossiers=Count("dossier", distinct=True), bytes=Sum("size"))
    return int(found["dossiers"] or 0), int(found["bytes"] or 0)


def why_too_much(rows: Any) -> str:
    """Why these files are not put in one ZIP, and what to do; nothing when they are."""
    size = weight(rows)[1]
    if size <= MOST:
        return ""
    said = _(
        "Ces fichiers pèsent %(size)s; un ZIP en porte %(most)s au plus. Choisissez moins de dossiers à l’aide "
        "des filtres (une étape, une région, une personne responsable), puis recommencez."
    )
    return said % {"size": formats.size(size), "most": formats.size(MOST)}


def is_short(rows: Any) -> bool:
    """Tell whether the files of these dossiers may be given in the request: few dossiers, few bytes."""
    dossiers, size = weight(rows)
    return dossiers <= DOSSIERS_AT_ONCE and size <= MOST_AT_ONCE


def still_stands(keys: Sequence[int], begun: datetime) -> bool:
    """Tell whether no file of these dossiers was found infected since a ZIP of them was begun."""
    found = Event.objects.filter(verb="applications.dossier.file_infected", at__gt=begun)
    return set(keys).isdisjoint(found.values_list("subject_id", flat=True))


def chunks(user: Any, keys: Sequence[int], step: Step | None = None) -> Iterator[bytes]:
    """The ZIP of the latest version of these dossiers, in pieces; those that are not visible leave no trace."""
    return _all(_Pack(user), keys, step)


def _all(pack: _Pack, keys: Sequence[int], step: Step | None) -> Iterator[bytes]:
    for start in range(0, len(keys), BATCH):
        found = _seen(pack.user, keys[start : start + BATCH])
        for dossier in found:
            yield from pack.dossier(dossier, dossier.snapshot)
        if step is not None:
            step(found)
    yield from pack.end()


def chunks_of(user: Any, dossier: Dossier, snapshot: Snapshot) -> Iterator[bytes]:
    """The ZIP of one version of one dossier, already known to be read by this person."""
    return _one(_Pack(user), dossier, snapshot)


def _one(pack: _Pack, dossier: Dossier, snapshot: Snapshot) -> Iterator[bytes]:
    for row in _seen(pack.user, [dossier.pk]):
        yield from pack.dossier(row, snapshot)
    yield from pack.end()


def _seen(user: Any, keys: Sequence[int]) -> list[Any]:
    """Filed dossiers among these that this person sees now, in their order, with what the ZIP reads.

    The person is read again: what an earlier piece of the ZIP knew of his or her roles may be gone.
    """
    person = get_user_model()._default_manager.filter(pk=user.pk, is_active=True).first()
    rows: Any = Dossier.objects.visible_to(person).filter(pk__in=keys, snapshot__isnull=False)
    own = set(Dossier.objects.applicant_side(person).filter(pk__in=keys).values_list("pk", flat=True))
    known = {row.pk: row for row in rows.select_related("call", "snapshot").prefetch_related("attachments")}
    for row in known.values():
        row.is_theirs = row.pk in own
    return [known[key] for key in keys if key in known]


# --- names ----------------------------------------------------------------------------------------------
def safe_part(name: str) -> str:
    """One part of a path that no system reads as anything else: no separator, no dots alone, no reserved name."""
    text = scanning.safe_name(unicodedata.normalize("NFC", name)).lstrip(". ")
    stem, suffix = PurePosixPath(text or "fichier").stem, PurePosixPath(text or "fichier").suffix[:20]
    stem = stem[: LONGEST - len(suffix)].rstrip(" .") or "fichier"
    if stem.split(".")[0].lower() in RESERVED:
        stem = f"_{stem}"
    return stem + suffix


class _Names:
    """Paths already given: a second one that differs by nothing but case is numbered."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def give(self, folder: str, name: str) -> str:
        """A path of its own."""
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        path, count = f"{folder}{name}", 1
        while path.casefold() in self.taken:
            count += 1
            path = f"{folder}{stem} ({count}){suffix}"
        self.taken.add(path.casefold())
        return path


# --- writing --------------------------------------------------------------------------------------------
class _Pipe:
    """A file without a place: what is written waits until it is taken."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: Any) -> int:
        """Keep it."""
        self.held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def take(self) -> bytes:
        """Give what is held."""
        given = bytes(self.held)
        self.held.clear()
        return given


class _Pack:
    """One ZIP under way."""

    def __init__(self, user: Any) -> None:
        self.user, self.now, self.pipe = user, clock.now(), _Pipe()
        sink: Any = self.pipe
        self.zip = zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.names, self.rows = _Names(), [_heads()]
        self.words = _causes()  # said now: the language of the request is gone when the answer streams

    def dossier(self, dossier: Any, snapshot: Snapshot) -> Iterator[bytes]:
        """The files of a version, or a line that says why there are none."""
        number = dossier.number or str(dossier.pk)
        if not dossier.is_theirs and self.now <= dossier.call.closes_at:
            self.rows.append([number, "", "", "", "", "", self.words["open"]])
            return
        files = content_of(snapshot)["files"]
        folder = self.names.give("", safe_part(number)) + "/"
        known = {row.pk: row for row in dossier.attachments.all()}
        if files and not dossier.is_theirs:
            read = [int(one["id"]) for one in files]
            record(dossier, "zip", actor=self.user, files=read, snapshot_version=snapshot.version)
        for one in files:
            yield from self._file(number, folder, one, known.get(int(one["id"])))

    def _file(self, number: str, folder: str, one: dict[str, Any], row: Attachment | None) -> Iterator[bytes]:
        """One file, unless it is withheld or not there; its line in any case."""
        line = [number, str(one["slot"]), "", str(one["name"]), str(one["size"]), str(one["digest"])]
        if row is None or not scanning.is_readable(row.scan):
            self.rows.append([*line, self.words["gone" if row is None else _kept_back(row.scan)]])
            return
        try:
            source: Any = default_storage.open(row.path)
        except FileNotFoundError:
            self.rows.append([*line, self.words["gone"]])
            return
        path = self.names.give(f"{folder}{safe_part(str(one['slot']))}/", safe_part(str(one["name"])))
        with source:
            digest = yield from self._stream(path, row, source)
        line[2] = path
        self.rows.append([*line, self.words["in" if digest == one["digest"] else "changed"]])

    def _stream(self, path: str, row: Attachment, source: IO[bytes]) -> Any:
        """Write an entry piece by piece; gives the digest of what was read."""
        sha256 = hashlib.sha256()
        info = zipfile.ZipInfo(path, formats.local(row.uploaded_at).timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if row.content_type in TEXTS else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        with self.zip.open(info, "w", force_zip64=row.size >= zipfile.ZIP64_LIMIT) as entry:
            while piece := source.read(CHUNK):
                sha256.update(piece)
                entry.write(piece)
                yield self.pipe.take()
        yield self.pipe.take()
        return f"sha256:{sha256.hexdigest()}"

    def end(self) -> Iterator[bytes]:
        """The list, then what closes a ZIP."""
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(
            [_harmless(cell) for cell in row] for row in self.rows
        )
        info = zipfile.ZipInfo(LIST, formats.local(self.now).timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        self.zip.writestr(info, b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace"))
        self.zip.close()
        yield self.pipe.take()


def _heads() -> list[str]:
    return [
        _("Numéro"),
        _("Pièce"),
        _("Chemin dans le ZIP"),
        _("Nom du fichier"),
        _("Octets"),
        _("Empreinte"),
        _("Constat"),
    ]


def _kept_back(scan: str) -> str:
    """Which of the causes keeps a file out that nobody may read."""
    return {"infected": "withheld", "failed": "unscannable"}.get(scan, "waiting")


def _causes() -> dict[str, str]:
    """What the list says of a file."""
    return {
        "in": _("joint, empreinte vérifiée"),
        "changed": _("joint, mais son empreinte n’est plus celle du dépôt"),
        "withheld": _("absent : retenu, logiciel malveillant"),
        "unscannable": _("absent : retenu, il n’a pas pu être analysé"),
        "waiting": _("absent : pas encore reconnu sain par l’analyse"),
        "gone": _("absent : le fichier n’est pas disponible en ce moment"),
        "open": _("absent : le contenu se lit à la fermeture de l’appel"),
    }


def _harmless(text: str) -> str:
    """A cell that a spreadsheet reads as a text."""
    text = text.replace("\x00", "")
    return f"'{text}" if text.startswith(DANGEROUS) else text
