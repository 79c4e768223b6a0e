"""The restore drill: the commands of docs/operations.md to the letter, from empty places, on the real database."""

from __future__ import annotations

import email
import email.policy
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.db import connection

from config.backups import pool

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "operations.md"


def commands(section: str) -> list[str]:
    """The commands of a section, as they are written."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Received:
    """A real mail server on this machine: counts what it took."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.subjects: dict[str, str] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a message."""
        told = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.ids.append(str(told["Message-ID"]))
        self.subjects[self.ids[-1]] = f"{told['Subject']} / {told['To']}"
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[tuple[Received, int]]:
    """The server and its port."""
    got = Received()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = Controller(got, hostname="127.0.0.1", port=port)
    server.start()
    yield got, port
    server.stop()


class Machine:
    """A machine to lose: its environment, its database, its files."""

    def __init__(self, folder: Path, port: int) -> None:
        self.data, self.given = folder / "data", connection.settings_dict
        self.name = f"drill_{os.getpid()}"
        kept = {
            k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "DEBUG", "DEMO", "DATABASE_URL"}
        }
        (folder / "secret").write_text("k" * 20 + "9f8e7d6c5b4a" * 4, encoding="utf-8")
        self.env = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.url(),
            "DATA_DIR": str(self.data),
            "SECRET_KEY_FILE": str(folder / "secret"),
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "FILE_SCANNER": "none",
            "BACKUPS": str(folder / "backups"),
            "KEYS": str(folder / "keys"),
            "MAIL_LOG": str(folder / "mail.log"),
            "PGDATABASE": self.name,
        }
        if connection.vendor == "postgresql":
            names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
            self.env |= {key: str(self.given[name]) for key, name in names.items() if self.given[name]}

    def url(self) -> str:
        """The address of its database."""
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.data / 'jalon.sqlite3'}"
        host, port = quote(str(self.given["HOST"]), safe="/"), self.given["PORT"]
        person = f"{quote(self.given['USER'])}:{quote(self.given['PASSWORD'])}"
        return f"postgresql://{person}@/{self.name}?host={host}" + (f"&port={port}" if port else "")

    def sql(self, statement: str) -> None:
        """A statement about databases, as the owner of the server."""
        told = {"host": self.given["HOST"], "user": self.given["USER"], "password": self.given["PASSWORD"]}
        wanted = {key: str(value) for key, value in {**told, "port": self.given["PORT"]}.items() if value}
        with psycopg.connect(dbname="postgres", autocommit=True, **wanted) as server:
            server.execute(statement)  # type: ignore[call-overload]

    def make(self) -> None:
        """Empty places."""
        self.data.mkdir()
        if connection.vendor == "postgresql":
            self.sql(f"CREATE DATABASE {self.name}")

    def destroy(self) -> None:
        """The bad night: database and files are gone."""
        subprocess.run(["rm", "-rf", str(self.data)], check=True)
        if connection.vendor == "postgresql":
            self.sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def run(self, command: str, code: int = 0) -> str:
        """A command of the page, by a shell, from the folder of the product."""
        done = subprocess.run(["sh", "-euc", command], cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A step of the drill, going on by itself."""
        command = [sys.executable, "-m", "tests.config.drill", *words]
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True)

    def step(self, *words: str) -> str:
        """A step of the drill."""
        return self.run(" ".join([sys.executable, "-m", "tests.config.drill", *words]))


@pytest.fixture
def machine(tmp_path: Path, mail: tuple[Received, int]) -> Iterator[Machine]:
    """A machine, taken away afterwards."""
    made = Machine(tmp_path, mail[1])
    made.make()
    yield made
    made.destroy()


def test_a_site_lost_while_files_arrive_and_letters_leave_comes_back_whole(
    machine: Machine, mail: tuple[Received, int], tmp_path: Path
) -> None:
    got, _port = mail
    take, again = commands("Backup")
    machine.step("build")
    before = len(got.ids)
    assert before >= 2
    stop = tmp_path / "stop"
    at_work = machine.start("uploads", str(stop))
    time.sleep(3)
    told = [machine.run(take) for _night in range(2)]
    stop.touch()
    out, _err = at_work.communicate(timeout=60)
    assert int(out.split()[-1]) > 5, out
    assert all(line.startswith("OK ") and " 0 files" not in line for line in told), told
    assert "every file read again" in machine.run(again)

    machine.step("lost")  # ten more letters leave, and the backup does not know
    left = list(got.ids)
    assert len(left) >= before + 10
    machine.destroy()
    machine.data.mkdir()
    (tmp_path / "mail.log").write_text("queued as 4F2: nothing of ours <x@y>\n", encoding="utf-8")
    steps = commands("Restore")
    if connection.vendor == "sqlite":
        steps = [one for one in steps if not one.startswith("createdb")]
    exported = next(one for one in steps if one.startswith("export"))
    start = time.monotonic()
    said = [machine.run(f"{exported}{one}") for one in steps if one != exported]
    seconds = time.monotonic() - start
    assert "OK restored the backup" in "".join(said), said
    assert seconds < 120

    machine.step("after")
    new = Counter(got.ids) - Counter(left)
    twice = [one for one, n in Counter(got.ids).items() if n > 1]
    assert len(twice) == 1  # the one that a person asked for again
    # That one, and the receipt of the new filing to the signatory and to the clerk's office.
    assert len(new) == 3, [got.subjects[one] for one in new]


def test_what_cannot_be_restored_is_refused_with_a_sentence(machine: Machine, tmp_path: Path) -> None:
    machine.run("python manage.py migrate -v0")
    machine.run('python manage.py backup "$BACKUPS"')
    said = machine.run('python manage.py restore "$BACKUPS"', code=2)
    assert "goes into an empty one" in said
    assert "Keys are kept apart" in machine.run(
        'python manage.py backup "$BACKUPS" --keys "$BACKUPS/k"', code=2
    )
    machine.destroy()
    machine.make()
    Path(machine.env["SECRET_KEY_FILE"]).write_text("another" * 10, encoding="utf-8")
    assert "was made under the secret key" in machine.run('python manage.py restore "$BACKUPS"', code=2)
    last = sorted((tmp_path / "backups").glob("*/manifest.json"))[-1]
    last.write_bytes(last.read_bytes().replace(b'"counts"', b'"c0unts"'))
    assert "this backup was changed" in machine.run('python manage.py restore "$BACKUPS" --other-key', code=2)
    assert "There is no backup" in machine.run('python manage.py restore "$KEYS"', code=2)


def test_every_column_that_names_a_file_is_kept_or_said_not_to_be() -> None:
    named = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.column == "path" or str(field.column).endswith("_path")
    }
    assert named == {f"{one.table}.{one.path}" for one in pool.POINTERS} | set(pool.NOT_KEPT)
