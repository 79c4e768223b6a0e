"""Debian's nginx, for the tests of the shipped proxy: each test starts its own, so nothing runs here."""

import shutil
import subprocess
from pathlib import Path

import machine

NAME = "nginx"
PACKAGES = ["nginx"]
ADDRESSES = ["NGINX"]
TRIED = "events { }\nhttp { server { listen 127.0.0.1:1; } }\n"


def program() -> str:
    """Where nginx is; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or ""


def present() -> bool:
    """True when the program is here."""
    return bool(program())


def start(home: Path) -> dict[str, str]:
    """Only its place is written down."""
    return {"NGINX": program()}


def answers(found: dict[str, str]) -> bool:
    """True when the program that was written down reads a configuration."""
    place = found.get("NGINX", "")
    if not place or not Path(place).exists():
        return False
    home = machine.STATE / "nginx"
    home.mkdir(parents=True, exist_ok=True)
    tried = home / "tried.conf"
    tried.write_text(f"pid {home}/tried.pid;\nerror_log {home}/tried.log;\n{TRIED}", encoding="utf-8")
    try:
        machine.run(place, "-t", "-q", "-c", str(tried))
    except (machine.Trouble, OSError):
        return False
    return True


def version(found: dict[str, str]) -> str:
    """What the program says it is (on the other stream, as nginx does)."""
    done = subprocess.run([found["NGINX"], "-v"], capture_output=True, text=True, check=False)
    return (done.stderr + done.stdout).rpartition("/")[2].split()[0]


def stop(home: Path) -> None:
    """Nothing runs."""
