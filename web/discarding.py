"""Files whose row was deleted: set aside two days, so that a backup that runs meanwhile misses none, then erased."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from time import time

from django.core.files.storage import default_storage

AWAY = "discarded"
KEPT = timedelta(days=2)


def discard(path: str) -> None:
    """Take a file out of its place; nobody reads it again, and it is erased two days later."""
    source, target = Path(default_storage.path(path)), Path(default_storage.path(f"{AWAY}/{path}"))
    if not source.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    os.utime(source)
    source.replace(target)


def erase_due() -> int:
    """Erase what was set aside long enough ago; how many."""
    gone, folder = 0, Path(default_storage.path(AWAY))
    for file in [one for one in folder.rglob("*") if one.is_file()] if folder.is_dir() else []:
        if file.stat().st_mtime < time() - KEPT.total_seconds():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
