"""A stage for faults: real servers of its own, each in a process group that can be killed between two instructions.

PostgreSQL with fsync on, Redis append-only, a mail server, a worker and the timetable, under production settings.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "scripts" / "services"))

import machine  # noqa: E402
from kinds import postgresql  # noqa: E402


def until(true: Callable[[], Any], what: str, seconds: float = 60) -> None:
    """Wait, not for ever."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


class Server:
    """A process and everything it started."""

    name = "server"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def command(self) -> list[str]:
        """What is run."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """With which settings."""
        return dict(os.environ)

    def answers(self) -> bool:
        """Ready to work."""
        return True

    def start(self) -> None:
        """Run it, and wait until it answers."""
        with (self.home / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.answers, f"{self.name} answering", 90)

    def has_left(self) -> bool:
        """It ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL to the whole family: no farewell."""
        if self.process is None:
            return
        self.kills += 1
        is_lent = self.command()[0] == "runuser"  # it buries what it ran, then ends by itself
        below = family(self.process.pid)
        for pid in below if is_lent and below else [self.process.pid, *below]:
            end_now(pid)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            end_now(self.process.pid)
            self.process.wait(30)
        self.process = None


def end_now(pid: int) -> None:
    """SIGKILL, unless it is gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """Every process below this one, deepest last."""
    found: list[int] = []
    for line in machine.run("ps", "-o", "pid=", "--ppid", str(pid), check=False).split():
        found += [int(line), *family(int(line))]
    return found


class Postgres(Server):
    """A cluster that writes through: fsync, full pages and synchronous commits are on."""

    name = "postgresql"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.place = Path(tempfile.mkdtemp(prefix="jalon-faults-", dir="/var/tmp"))
        programs = postgresql.binaries()
        if programs is None:
            raise SystemExit("PostgreSQL is not here: make services")
        self.programs = programs
        self.place.chmod(0o700)
        if owner := postgresql.owner():
            shutil.chown(self.place, owner, owner)
        words = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        data = str(self.place / "data")
        machine.run(str(programs / "initdb"), "-D", data, *words, user=postgresql.owner(), cwd=Path("/"))
        self.url = f"postgresql://postgres@/jalon?host={quote(str(self.place), safe='/')}"

    def command(self) -> list[str]:
        """The server itself, not pg_ctl, so that killing it is killing it."""
        run = [str(self.programs / "postgres"), "-D", str(self.place / "data"), "-k", str(self.place)]
        run += ["-c", "listen_addresses=", "-c", "max_connections=60", "-c", "fsync=on", "-c", "timezone=UTC"]
        owner = postgresql.owner()
        return ["runuser", "-u", owner, "--", *run] if owner else run

    def kill(self) -> None:
        """With its lock file: the dead may stay listed where nobody buries them (a container's first process)."""
        super().kill()
        (self.place / "data" / "postmaster.pid").unlink(missing_ok=True)

    def answers(self) -> bool:
        """It takes a connection."""
        return postgresql.answers({"DATABASE_URL": self.url})

    def ask(self, sql: str) -> str:
        """One question, "" when it does not answer."""
        where = ("-XAtq", "-h", str(self.place), "-U", "postgres", "-d", "jalon", "-c", sql)
        return machine.run(str(self.programs / "psql"), *where, check=False)

    def create(self) -> None:
        """The database of the site."""
        where = ("-h", str(self.place), "-U", "postgres", "jalon")
        machine.run(str(self.programs / "createdb"), *where)

    def remove(self) -> None:
        """Leave nothing behind."""
        self.kill()
        shutil.rmtree(self.place, ignore_errors=True)


class Redis(Server):
    """The broker, append-only as in production."""

    name = "redis"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.port = machine.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        (home / "redis").mkdir()

    def command(self) -> list[str]:
        """Its files in the folder of the stage."""
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.home / "redis")]
        return ["redis-server", *where, "--appendonly", "yes", "--save", ""]

    def answers(self) -> bool:
        """It says PONG."""
        from kinds import redis

        return redis.answers({"REDIS_URL": self.url})


class Mail(Server):
    """A real mail server in a process of its own (bench/mail_server.py)."""

    name = "mail"

    def __init__(self, home: Path, manner: str = "takes") -> None:
        super().__init__(home)
        self.port, self.manner = machine.free_port(), manner
        self.log = home / "taken.jsonl"

    def command(self) -> list[str]:
        """It notes what it took before it answers."""
        script = str(ROOT / "bench" / "mail_server.py")
        return [sys.executable, script, str(self.port), str(self.log), "--manner", self.manner]

    def answers(self) -> bool:
        """It listens (a server that hangs does that too)."""
        return bool(machine.run("sh", "-c", f"ss -ltn | grep -c ':{self.port} ' || true") != "0")

    def taken(self) -> list[dict[str, str]]:
        """One entry for each message that was handed over whole."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


class Site(Server):
    """A process of the site under production settings."""

    def __init__(self, home: Path, name: str, words: list[str], env: dict[str, str]) -> None:
        super().__init__(home)
        self.name, self.words, self.env = name, words, env

    def command(self) -> list[str]:
        """With the Python that runs this."""
        return [sys.executable, *self.words]

    def environment(self) -> dict[str, str]:
        """Production's."""
        return self.env


class Stage:
    """Everything together; leaves nothing behind."""

    def __init__(self, *, manner: str = "takes", keep: bool = False) -> None:
        self.home, self.keep = Path(tempfile.mkdtemp(prefix="jalon-stage-")), keep
        self.database, self.broker = Postgres(self.home), Redis(self.home)
        self.mail = Mail(self.home, manner)
        self.sites: dict[str, Site] = {}

    def __enter__(self) -> Stage:
        """Servers up, tables made."""
        for server in (self.database, self.broker, self.mail):
            server.start()
        self.database.create()
        self.run("manage.py", "migrate", "--noinput")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        """Everything down."""
        for server in (*self.sites.values(), self.mail, self.broker):
            server.kill()
        self.database.remove()
        if self.keep or kind is not None:
            print(f"kept           {self.home}")
        else:
            shutil.rmtree(self.home, ignore_errors=True)

    def env(self) -> dict[str, str]:
        """Production settings."""
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ
        }
        key = self.home / "secret"
        if not key.exists():
            key.write_text(secrets.token_urlsafe(60))
        return kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PRODUCTION": "1",
            "SECRET_KEY_FILE": str(key),
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "SITE_URL": "https://jalon.example",
            "ALLOWED_HOSTS": "jalon.example",
            "DEFAULT_FROM_EMAIL": "Jalon <ne-pas-repondre@jalon.example>",
            "FILE_SCANNER": "tcp://127.0.0.1:9",
            "DATA_DIR": str(self.home / "data"),
            "LOG_LEVEL": "WARNING",
        }

    def run(self, *words: str) -> str:
        """One command of the site to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.env(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def supervise(self) -> int:
        """Start again what ended by itself, as `restart: unless-stopped` does; how many."""
        gone = [site for site in self.sites.values() if site.has_left()]
        for site in gone:
            site.start()
        return len(gone)

    def site(self, name: str, *words: str) -> Site:
        """A process of the site that goes on."""
        made = self.sites[name] = Site(self.home, name, list(words), self.env())
        made.start()
        return made
