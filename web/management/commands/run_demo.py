"""`make demo`: prepare the demo's own database once, then run web and worker until told to stop."""

import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

STALE_AFTER = dt.timedelta(days=14)  # the open call of the demo may have closed by then
PATIENCE = 90  # seconds until the first page must answer


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Command(BaseCommand):
    """Start the demo: fictional dossiers, SQLite, no service."""

    help = "Prepares the demo's database when it is empty, then runs the web server and the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and the day the dates are counted from."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--today", type=dt.date.fromisoformat, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT or SIGTERM, or until a child ends by itself."""
        if not settings.DEMO:
            raise CommandError("run_demo wants DEMO=1 and a folder of its own (DATA_DIR): use `make demo`.")
        port: int = options["port"]
        refuse_taken_port(port)
        settings.SITE_URL = f"http://127.0.0.1:{port}"  # the links of the messages that the seed writes
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, stop)
        children: list[subprocess.Popen[bytes]] = []
        try:
            self.prepare(options["today"])
            children += [start("web", web_command(port), port), start("worker", worker_command(), port)]
            wait_for_page(port, children)
            self.stdout.write(f"Jalon is running at http://127.0.0.1:{port}/")
            if "demo_cards" in get_commands():
                call_command("demo_cards", stdout=self.stdout)
            self.stdout.write("Ctrl+C stops it; `make demo-reset` forgets what was done in it.")
            self.stdout.flush()
            watch(children)
        except Stopped:
            pass
        finally:
            end(children)

    def prepare(self, today: dt.date | None) -> None:
        """Bring the tables up to date; load the fictional dossiers when they are not there, or too old."""
        marker = Path(settings.DATA_DIR) / "seeded.json"
        seeded = read_marker(marker)
        now = timezone.localdate()
        wanted = today or (seeded if seeded and now - seeded < STALE_AFTER else now)
        if seeded != wanted:
            if seeded:
                self.stdout.write(f"The demo's dates are those of {seeded}: starting afresh from {wanted}.")
            empty_data_dir()
        for folder in ("queue/messages", "queue/control", "log", "files", "mail"):
            (Path(settings.DATA_DIR) / folder).mkdir(parents=True, exist_ok=True)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database")
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        if seeded != wanted:
            if "seed_demo" in get_commands():
                self.stdout.write("Writing the fictional dossiers")
                self.stdout.flush()
                call_command("seed_demo", today=wanted.isoformat(), stdout=self.stdout)
            marker.write_text(json.dumps({"today": wanted.isoformat()}), encoding="utf-8")
        connections.close_all()


def stop(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exception, so that `finally` ends the children."""
    raise Stopped


def refuse_taken_port(port: int) -> None:
    """Say so in one line when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(f"Port {port} is taken: make demo PORT={port + 1}") from None


def read_marker(marker: Path) -> dt.date | None:
    """The day the fictional dossiers were counted from; None when the last seed never came to its end."""
    try:
        return dt.date.fromisoformat(json.loads(marker.read_text(encoding="utf-8"))["today"])
    except (OSError, ValueError, KeyError):
        return None


def empty_data_dir() -> None:
    """Remove the demo's own folder: database, files, mail, queue. Refuses any database outside of it."""
    folder = Path(settings.DATA_DIR).resolve()
    database = Path(str(settings.DATABASES["default"]["NAME"])).resolve()
    if connection.vendor != "sqlite" or folder not in database.parents:
        raise CommandError("The demo only runs on a SQLite file in its own DATA_DIR.")
    connections.close_all()
    for entry in folder.iterdir() if folder.exists() else ():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def web_command(port: int) -> list[str]:
    """The web server without a proxy before it: threads, so that a slow upload holds up nobody."""
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60"),
        *("--graceful-timeout", "3", "--log-level", "warning", "--worker-tmp-dir", str(settings.DATA_DIR)),
        "--no-control-socket",
    ]


def worker_command() -> list[str]:
    """The worker, with the timetable inside it."""
    schedule = Path(settings.DATA_DIR) / "queue" / "beat-schedule"
    for left in schedule.parent.glob("beat-schedule*"):  # a killed worker may leave it torn
        left.unlink()
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "worker", "--beat", "--schedule", str(schedule)),
        *("--pool", "threads", "--concurrency", "2", "--loglevel", "warning"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def start(name: str, command: list[str], port: int) -> "subprocess.Popen[bytes]":
    """Start one child; what it prints goes to its own file."""
    log = Path(settings.DATA_DIR) / "log" / f"{name}.log"
    environment = {**os.environ, "SITE_URL": f"http://127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )


def tail(child: "subprocess.Popen[bytes]") -> str:
    """The end of what the child printed."""
    name = "web" if "gunicorn" in str(child.args) else "worker"
    text = (Path(settings.DATA_DIR) / "log" / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    return f"The {name} stopped (code {child.returncode}):\n{text[-3000:]}"


def fallen(children: "list[subprocess.Popen[bytes]]") -> None:
    """Fail with the reason when a child is gone."""
    for child in children:
        if child.poll() is not None:
            raise CommandError(tail(child))


def wait_for_page(port: int, children: "list[subprocess.Popen[bytes]]") -> None:
    """Wait until the front page answers."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        fallen(children)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20):
                return
        except urllib.error.HTTPError as refused:
            if refused.code < 500:
                return
            raise CommandError(f"The front page answers {refused.code}; see var/demo/log/web.log") from None
        except OSError:
            time.sleep(0.1)
    raise CommandError("The front page did not answer; see var/demo/log/web.log")


def watch(children: "list[subprocess.Popen[bytes]]") -> None:
    """Stay until asked to stop or until a child falls."""
    while True:
        fallen(children)
        time.sleep(0.5)


def end(children: "list[subprocess.Popen[bytes]]") -> None:
    """Ask every child to finish, then insist."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for child in children:
        if child.poll() is None:
            child.terminate()
    limit = time.monotonic() + 6
    for child in children:
        try:
            child.wait(max(0.1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
