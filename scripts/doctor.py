"""`make doctor`: what this machine has, and what it lacks. Any Python from 3.9 on; changes nothing."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def line(good: bool, what: str, advice: str = "") -> bool:
    """One line of the report."""
    print(f"  {'ok  ' if good else 'LACK'}  {what}{'' if good or not advice else ': ' + advice}")
    return good


def python_lines() -> bool:
    """The Python that would run the demo."""
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    good = line(fits, f"Python {version}", "3.11 to 3.13 wanted (on Debian: apt install python3)")
    venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    good &= line(venv, "venv", "apt install python3-venv")
    for name, what, by in (("base", "product", "make demo"), ("dev", "checks", "make test")):
        there = (ROOT / ".venv" / f".installed-{name}").exists()
        advice = "" if there else f" ({by} installs them)"
        print(f"  {'ok  ' if there else '-   '}  packages of the {what}{advice}")
    return good


def main() -> int:
    """Needed things first, then what only the tests use."""
    print("To run the demo:")
    good = python_lines()
    free = shutil.disk_usage(ROOT).free // 2**20
    good &= line(free > 1000, f"{free:,} MiB free on disk", "1,000 wanted")
    print("To exercise everything (make services starts them):")
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "services"), "status"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    for row in told.splitlines():
        name, _, version = row.partition("\t")
        print(f"  {'ok  ' if version else '-   '}  {name} {version or 'does not answer'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
