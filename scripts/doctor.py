"""`make doctor`: what this machine has, what is set and reachable, and how to mend it. Changes nothing.

The first part runs on any Python from 3.9 on; the second asks the product, with the settings of the environment:
production's where PRODUCTION is set, the demo's where one was made, else those of development.
"""

import importlib.util
import os
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
        print(f"  {'ok  ' if version else '-   '}  {name} {version or 'does not answer (make services)'}")
    return 0 if product_lines() and good else 1


def product_lines() -> bool:
    """What the product itself finds, in the environment as it is."""
    python = ROOT / ".venv" / "bin" / "python"
    if not python.exists():
        print("To look at the product: make demo, or make test, installs its packages first.")
        return True
    environment = dict(os.environ)
    demo = ROOT / "var" / "demo"
    if not {"PRODUCTION", "DATABASE_URL", "DATA_DIR"} & set(environment):
        if not (demo / "jalon.sqlite3").exists():
            print(
                "To look at the product: make demo, or the environment of production, makes one to look at."
            )
            return True
        environment.update(DEMO="1", DATA_DIR=str(demo), FILE_SCANNER="none")
    sys.stdout.flush()
    command = [str(python), str(ROOT / "manage.py"), "doctor"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
