"""Redis, append-only as in production: without it a hard kill loses the queue."""

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import machine

NAME = "Redis"
PACKAGES = ["redis-server"]
ADDRESSES = ["REDIS_URL"]


def present() -> bool:
    """True when the server's program is here."""
    return shutil.which("redis-server") is not None


def ask(found: dict[str, str], command: str) -> str:
    """One line of Redis's own protocol, so that no client library is needed."""
    address = urlsplit(found.get("REDIS_URL", ""))
    if not address.port:
        return ""
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port), timeout=2) as line:
            line.sendall(command.encode() + b"\r\n")
            return line.recv(4096).decode(errors="replace")
    except OSError:
        return ""


def start(home: Path) -> dict[str, str]:
    """Start on a free port of the loopback, with its files in `home`."""
    port = machine.free_port()
    machine.run(
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--appendonly",
        "yes",
        "--dir",
        str(home),
        "--pidfile",
        str(home / "pid"),
        "--daemonize",
        "yes",
        "--logfile",
        str(home / "server.log"),
        "--save",
        "",
    )
    return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


def answers(found: dict[str, str]) -> bool:
    """True when it says PONG."""
    return ask(found, "PING").startswith("+PONG")


def version(found: dict[str, str]) -> str:
    """What the running server says it is."""
    return ask(found, "INFO server").partition("redis_version:")[2].split("\r\n")[0]


def stop(home: Path) -> None:
    """Stop it by its process id."""
    machine.end(home / "pid", "redis-server")
