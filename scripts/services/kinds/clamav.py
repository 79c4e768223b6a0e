"""ClamAV: a real daemon on the loopback, with one signature of our own (the EICAR text): none is fetched here."""

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import machine

NAME = "ClamAV"
PACKAGES = ["clamav-daemon"]
ADDRESSES = ["FILE_SCANNER"]
USER = "clamav"
# The harmless text that every scanner must know (eicar.org), as this signature has it: never whole in this file.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + "!$H+H*"
SETTINGS = """Foreground no
User {user}
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {place}/db
PidFile {place}/clamd.pid
LogFile {place}/clamd.log
TemporaryDirectory {place}/tmp
OfficialDatabaseOnly no
MaxThreads 4
"""
SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "clamd.conf"
LIMITS = ("Stream", "Max", "Alert")


def present() -> bool:
    """True when the daemon's program is here."""
    return shutil.which("clamd") is not None


def limits() -> str:
    """The limits of the daemon that production runs, line by line."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(LIMITS))


def owner() -> str:
    """The user that runs it: its own when this is root."""
    return USER if machine.is_root() else machine.run("id", "-un")


def folder(home: Path) -> Path:
    """Where its files are: in the checkout, or outside when its user cannot come in."""
    seen = f"test -x '{home}' && echo open || true"
    closed = machine.is_root() and machine.run("sh", "-c", seen, user=USER) != "open"
    return machine.outside_home("clamav") if closed else home


def ask(found: dict[str, str], command: str) -> str:
    """One command of clamd's own protocol."""
    address = urlsplit(found.get("FILE_SCANNER", ""))
    if not address.port:
        return ""
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port), timeout=3) as line:
            line.sendall(f"n{command}\n".encode())
            return line.recv(4096).decode(errors="replace").strip()
    except OSError:
        return ""


def start(home: Path) -> dict[str, str]:
    """Start on a free port of the loopback; signatures, log and temporary files in its own folder."""
    place, port = folder(home), machine.free_port()
    for name in ("db", "tmp"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "db" / "test.ndb").write_text(f"Jalon.Eicar-Test:0:*:{EICAR.encode().hex()}\n")
    settings = SETTINGS.format(user=owner(), port=port, place=place) + limits()
    (place / "clamd.conf").write_text(settings)
    (home / "place").write_text(str(place))
    if machine.is_root():
        for one in (place, place / "db", place / "tmp", place / "db" / "test.ndb"):
            shutil.chown(one, USER)
    machine.run("clamd", "--config-file", str(place / "clamd.conf"))
    return {"FILE_SCANNER": f"tcp://127.0.0.1:{port}"}


def answers(found: dict[str, str]) -> bool:
    """True when it says PONG."""
    return ask(found, "PING") == "PONG"


def version(found: dict[str, str]) -> str:
    """What the running daemon says it is."""
    return ask(found, "VERSION").split("/")[0].removeprefix("ClamAV ")


def stop(home: Path) -> None:
    """Stop it by its process id."""
    pointer = home / "place"
    if not pointer.exists():
        return
    place = Path(pointer.read_text().strip())
    machine.end(place / "clamd.pid", "clamd")
    if home not in (place, *place.parents) and place.name.startswith("jalon-"):
        shutil.rmtree(place, ignore_errors=True)
    pointer.unlink()
