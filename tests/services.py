"""Which real services answer, read from the file that `make services` writes."""

import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = ROOT / "var" / "services" / "env"


def address(name: str) -> str:
    """DATABASE_URL, REDIS_URL, CHROMIUM …: the environment first, then the file; "" when unknown."""
    if os.environ.get(name):
        return os.environ[name]
    if not ADDRESSES.exists():
        return ""
    lines = ADDRESSES.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line).get(name, "")


def chromium() -> str:
    """Path of the browser, or ""."""
    return address("CHROMIUM") or shutil.which("chromium") or ""


def verapdf() -> str:
    """Folder of veraPDF's jars, or "" when they or Java are missing."""
    lib = address("VERAPDF")
    return lib if lib and Path(lib).is_dir() and shutil.which("java") else ""


def elasticsearch() -> str:
    """Address of the search server when something listens there, or ""."""
    found = address("ELASTICSEARCH_URL")
    return found if found and _listens(found) else ""


def redis_answers() -> bool:
    """True when something listens at REDIS_URL."""
    return _listens(address("REDIS_URL"))


def _listens(url: str) -> bool:
    place = urlsplit(url)
    if not place.port:
        return False
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port), timeout=2).close()
    except OSError:
        return False
    return True


def clamav() -> str:
    """Address of the scanner of files (the variable that settings read too), or "" when nothing listens there."""
    place = address("FILE_SCANNER")
    return place if place != "none" and _listens(place) else ""


def nginx() -> str:
    """Path of the proxy's program, or ""."""
    return address("NGINX") or shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or ""
