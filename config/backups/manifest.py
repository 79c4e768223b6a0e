"""What a backup says of itself: versions, counts, heads of chains, digests, and under which key it was made."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from config.backups.pool import Entry, digest_of
from config.backups.trouble import Trouble

FORMAT = 1
NAME, SEAL, FILES = "manifest.json", "manifest.sha256", "files.jsonl"
PURPOSE = b"jalon.backup.key.v1"


@dataclass
class Manifest:
    """Written last: a folder without it is no backup."""

    format: int
    product: str
    taken_at: str
    engine: str
    migrations: list[str]
    database: dict[str, Any]  # file, size, digest
    files: dict[str, Any]  # file of the list, its digest, count, bytes
    counts: dict[str, int]
    heads: dict[str, dict[str, Any]]
    key: str  # fingerprint of the secret key
    sealed: dict[str, int] = field(default_factory=dict)  # what only that key opens
    faults: list[str] = field(default_factory=list)


def fingerprint(secret: str) -> str:
    """A name for a key that tells nothing of it."""
    key = hashlib.sha256(secret.encode()).digest()
    return hashlib.blake2b(PURPOSE, key=key, digest_size=10).hexdigest()


def fingerprints() -> list[str]:
    """Of the keys that are set here, the present one first."""
    return [fingerprint(one) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def product_version() -> str:
    """The version of the product."""
    told = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(told["project"]["version"])


def about(file: Path) -> dict[str, Any]:
    """Name, size and digest of a file of a backup."""
    return {"file": file.name, "size": file.stat().st_size, "digest": digest_of(file)}


def write(folder: Path, manifest: Manifest) -> str:
    """Write the manifest and its digest beside it; gives the digest."""
    target = folder / NAME
    put(target, json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    digest = digest_of(target)
    put(folder / SEAL, f"{digest}\n")
    return digest


def put(target: Path, text: str) -> None:
    """Write a text so that it is on the disk when this returns."""
    with target.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def read(folder: Path) -> Manifest:
    """The manifest of a backup whose own files agree with it; Trouble otherwise."""
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        seal = (folder / SEAL).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as fault:
        raise Trouble(f"{folder} is no backup: its {NAME} or {SEAL} cannot be read.") from fault
    if digest_of(folder / NAME) != seal:
        raise Trouble(f"{NAME} does not agree with {SEAL}: this backup was changed.")
    if told.get("format") != FORMAT:
        raise Trouble(f"This backup has format {told.get('format')}; this version reads format {FORMAT}.")
    manifest = Manifest(**told)
    for part in (manifest.database, manifest.files):
        file = folder / str(part["file"])
        if not file.is_file() or about(file) != {name: part[name] for name in ("file", "size", "digest")}:
            raise Trouble(
                f"{part['file']} is not the one that the manifest describes: this backup was changed."
            )
    return manifest


def write_entries(folder: Path, entries: list[Entry]) -> dict[str, Any]:
    """The list of files, one a line; what the manifest says of it."""
    target = folder / FILES
    put(
        target,
        "".join(json.dumps(one.as_dict(), ensure_ascii=False, sort_keys=True) + "\n" for one in entries),
    )
    return {**about(target), "count": len(entries), "bytes": sum(one.size for one in entries)}


def read_entries(folder: Path) -> list[Entry]:
    """The list of files of a backup."""
    lines = (folder / FILES).read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines]
