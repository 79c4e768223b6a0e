"""How long a backup and a restore take: `python bench/restore.py [DOSSIERS]`.

On SQLite, or from DATABASE_URL (empty) into RESTORE_URL (empty) on PostgreSQL. Writes a large set with a file for each
dossier, then runs the commands of an operator, each in a process of its own, and prints figures.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LIMIT = 30 * 60
"""Seconds allowed for a restore."""
FILE = 100_000
"""Bytes of the file of a dossier."""
FILES = f"""
import django; django.setup()
import hashlib, os
from pathlib import Path
from django.core.files.storage import default_storage
from applications.models import Attachment, Dossier
rows = []
for dossier in Dossier.objects.order_by("pk").iterator():
    data = os.urandom({FILE})
    path = f"dossiers/bench/{{dossier.pk}}"
    target = Path(default_storage.path(path)); target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    facts = dict(slot="resolution", name="resolution.pdf", content_type="application/pdf", scan="clean")
    rows.append(Attachment(dossier=dossier, **facts, size=len(data), digest=digest, path=path,
        uploaded_by_id=dossier.created_by_id, uploaded_at=dossier.created_at))
Attachment.objects.bulk_create(rows, batch_size=1000)
print(len(rows))
"""


def run(env: dict[str, str], *command: str) -> tuple[str, float]:
    """A command, what it said, how long it took."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip(), time.perf_counter() - start


def place(folder: Path, url: str) -> dict[str, str]:
    """The environment of a site."""
    folder.mkdir()
    told = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "DEMO", "PRODUCTION"}
    }
    told |= {"DATA_DIR": str(folder), "FILE_SCANNER": "none", "DJANGO_SETTINGS_MODULE": "config.settings"}
    return {**told, "DATABASE_URL": url} if url else told


def main() -> int:
    """Seed, back up twice, restore, print."""
    from bench.chain_verify import processor

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = place(folder / "source", os.environ.get("DATABASE_URL", ""))
        target = place(folder / "target", os.environ.get("RESTORE_URL", ""))
        run(source, "manage.py", "migrate", "-v0")
        run(source, "manage.py", "seed_demo", "--dossiers", str(count))
        files, _seconds = run(source, "-c", FILES)
        first, one = run(source, "manage.py", "backup", str(folder / "backups"))
        second, two = run(source, "manage.py", "backup", str(folder / "backups"))
        said, seconds = run(target, "manage.py", "restore", str(folder / "backups"))
    print(
        f"machine   {processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    print(f"seeded    {count} dossiers, {files} files")
    print(f"backup    {one:.1f} s, the next one {two:.1f} s\n          {first}\n          {second}")
    print(f"restore   {seconds:.1f} s\n{said}")
    print(f"target    {LIMIT} s: {'met' if seconds <= LIMIT else 'MISSED'}")
    return 0 if seconds <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
