"""How long the chain verifier takes over a large chain: `python bench/chain_verify.py [EVENTS]`.

Writes the events to a temporary file, verifies them by the module command, prints figures.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workflows import chain  # noqa: E402

LIMIT = 60
"""Seconds allowed for a million events."""


def write(path: Path, count: int) -> str:
    """Write a chain of `count` events; give its head."""
    head = chain.ZERO
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for n in range(1, count + 1):
            line, head = chain.seal(
                {
                    "v": 1,
                    "chain": "TI-2026",
                    "n": n,
                    "at": f"2026-03-27T{n % 24:02d}:{n % 60:02d}:58.{n % 1_000_000:06d}Z",
                    "verb": "applications.dossier.submit",
                    "subject": f"applications.dossier:{n % 900}",
                    "actor": f"user:{n % 300}",
                    "behalf": None,
                    "request": f"{n:032x}",
                    "from": "draft",
                    "to": "in_progress",
                    "data": {"version": n % 7, "digest": chain.ZERO, "fields": [n % 11, n % 13]},
                    "text": None,
                    "prev": head,
                }
            )
            out.write(line + "\n")
    return head


def processor() -> str:
    """The name of the processor, where the machine tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def main() -> int:
    """Generate, verify, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        start = time.perf_counter()
        head = write(path, count)
        written = time.perf_counter() - start
        size = path.stat().st_size
        command = [sys.executable, "-S", "-E", "-m", "workflows.chain", "--head", head, "--count", str(count)]
        start = time.perf_counter()
        with path.open("rb") as events:
            done = subprocess.run(command, stdin=events, capture_output=True, cwd=ROOT, check=True)
        seconds = time.perf_counter() - start
    verdict = json.loads(done.stdout)
    allowed = LIMIT * max(count, 1) / 1_000_000
    print(
        f"machine   {processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    print(f"sealed    {count} events, {size / 1_000_000:.0f} MB, in {written:.1f} s")
    print(f"verified  {count} events in {seconds:.1f} s, {count / seconds:.0f} events a second: {verdict}")
    print(f"target    {allowed:.1f} s: {'met' if seconds <= allowed and verdict['ok'] else 'MISSED'}")
    return 0 if verdict["ok"] and seconds <= allowed else 1


if __name__ == "__main__":
    raise SystemExit(main())
