"""PostgreSQL: a cluster of this checkout alone, reached by a socket in its own folder, no TCP port at all."""

import shutil
from pathlib import Path
from urllib.parse import quote

import machine

NAME = "PostgreSQL"
PACKAGES = ["postgresql"]
ADDRESSES = ["DATABASE_URL"]


def binaries() -> Path | None:
    """The folder of the newest server of Debian, or of the first on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[4]))
    if debian:
        return debian[-1].parent
    found = shutil.which("pg_ctl")
    return Path(found).resolve().parent if found else None


def present() -> bool:
    """True when the server's programs are here."""
    return binaries() is not None


def owner() -> str:
    """The server refuses root, so root lends it the user postgres."""
    return "postgres" if machine.is_root() else ""


def cluster(home: Path) -> Path:
    """The cluster's folder: in the checkout, or outside when the server's user cannot come in."""
    pointer = home / "cluster"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    place = home / "data"
    closed = (
        machine.is_root()
        and machine.run("sh", "-c", f"test -x '{home}' && echo open || true", user=owner()) != "open"
    )
    if closed or len(str(place)) > 80:  # a socket's path may have 107 bytes
        place = machine.outside_home("postgresql")
    pointer.write_text(str(place))
    return place


def socket_of(found: dict[str, str]) -> str:
    """The socket's folder out of the address."""
    return found.get("DATABASE_URL", "").partition("host=")[2].replace("%2F", "/")


def start(home: Path) -> dict[str, str]:
    """Make the cluster once, then start it; fsync off because these rows are only ever a test's."""
    programs, place = binaries(), cluster(home)
    assert programs is not None
    if not (place / "PG_VERSION").exists():
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        if owner():
            shutil.chown(place, owner(), owner())
        machine.run(
            str(programs / "initdb"),
            "-D",
            str(place),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            user=owner(),
            cwd=Path("/"),
        )
    options = (
        f"-k {place} -c listen_addresses= -c max_connections=300 -c fsync=off -c synchronous_commit=off "
        "-c full_page_writes=off -c shared_buffers=256MB -c timezone=UTC"
    )
    machine.run(
        str(programs / "pg_ctl"),
        "-D",
        str(place),
        "-l",
        str(place / "server.log"),
        "-w",
        "-t",
        "60",
        "-o",
        options,
        "start",
        user=owner(),
        cwd=Path("/"),
    )
    return {"DATABASE_URL": f"postgresql://postgres@/jalon?host={quote(str(place), safe='/')}"}


def answers(found: dict[str, str]) -> bool:
    """True when the server takes a connection."""
    programs, folder = binaries(), socket_of(found)
    if not (programs and folder):
        return False
    return "accepting" in machine.run(str(programs / "pg_isready"), "-h", folder, check=False)


def version(found: dict[str, str]) -> str:
    """What the running server says it is."""
    programs = binaries()
    query = ("-XAtq", "-h", socket_of(found), "-U", "postgres", "-d", "postgres", "-c", "show server_version")
    words = machine.run(str(programs / "psql"), *query, check=False) if programs else ""
    return words.split(" ")[0]


def stop(home: Path) -> None:
    """Stop the cluster; one that had to live outside the checkout is removed, it held only test rows."""
    pointer, programs = home / "cluster", binaries()
    if not (pointer.exists() and programs):
        return
    place = Path(pointer.read_text().strip())
    command = (str(programs / "pg_ctl"), "-D", str(place), "-m", "immediate", "-w", "stop")
    machine.run(*command, user=owner(), check=False, cwd=Path("/"))
    if home not in place.parents and place.name.startswith("jalon-") and place.is_dir():
        shutil.rmtree(place)
        pointer.unlink()
