"""The database in a backup: one consistent snapshot that is dumped and read, and the way back into an empty one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections

from config.backups.trouble import Trouble

SQLITE_FILE, POSTGRESQL_FILE = "database.sqlite3", "database.dump"
WITHOUT_ROWS = ("django_session", "jalon_cache", "web_export", "search_indexed")
"""Tables kept without their rows: sessions end, the cache and the exports are made again, so is the index."""
LEFT_ON_SQLITE = (
    "search_indexed",
)  # the words beside it live in tables of their own: taken whole, built again
JUMP = 100_000
"""How far the counters of identifiers jump, so that none given in the lost hours is ever given again."""


class Snapshot:
    """The database at one instant: its dump in a folder, and reads of that very instant."""

    def __init__(self, file: Path, cursor: Any, tables: list[str]) -> None:
        self.file, self.cursor, self.tables = file, cursor, tables

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, some at a time."""
        self.cursor.execute(sql)
        while some := self.cursor.fetchmany(2000):
            yield from some

    def has(self, table: str) -> bool:
        """The table is there."""
        return table in self.tables

    def counts(self) -> dict[str, int]:
        """Rows of every table whose rows are kept."""
        empty = set(WITHOUT_ROWS)
        kept = [name for name in self.tables if name not in empty and not name.startswith("search_words")]
        return {name: int(next(self.rows(f'SELECT count(*) FROM "{name}"'))[0]) for name in kept}  # noqa: S608


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """Dump the database into a folder; what is read inside is what was dumped."""
    taken = _postgresql(folder) if connection.vendor == "postgresql" else _sqlite(folder)
    with taken as found:
        yield found


@contextmanager
def _sqlite(folder: Path) -> Iterator[Snapshot]:
    """The online backup of SQLite: writers go on; the copy is then read."""
    target = folder / SQLITE_FILE
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        tables = _tables_of(copy)
        for table in WITHOUT_ROWS:
            if table in tables and table not in LEFT_ON_SQLITE:
                copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 (a name of the list above)
        copy.commit()
        fault = copy.execute("PRAGMA quick_check").fetchone()[0]
        if fault != "ok":
            raise Trouble(f"The copy of the database is not sound: {fault}.")
        yield Snapshot(target, copy.cursor(), tables)


def _tables_of(opened: sqlite3.Connection) -> list[str]:
    names = opened.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    )
    return [str(row[0]) for row in names]


@contextmanager
def _postgresql(folder: Path) -> Iterator[Snapshot]:
    """pg_dump inside the snapshot of a transaction that only reads, and that is then read itself."""
    target = folder / POSTGRESQL_FILE
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            exported = cursor.fetchone()[0]
            without = [f"--exclude-table-data={name}" for name in WITHOUT_ROWS]
            _run(
                *("pg_dump", "--format=custom", "--compress=4", "--no-owner", "--no-privileges", *without),
                *(f"--snapshot={exported}", f"--file={target}", f"--dbname={database_name()}"),
            )
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
            tables = [str(row[0]) for row in cursor.fetchall()]
            yield Snapshot(target, cursor, tables)
            cursor.execute("ROLLBACK")
    finally:
        reader.close()


def database_name() -> str:
    """The name of the database."""
    return str(connection.settings_dict["NAME"])


def _run(*command: str) -> str:
    """A program of PostgreSQL against our database; its password goes by the environment of the program alone."""
    given = connection.settings_dict
    env = dict(os.environ)
    for name, key in (("PGHOST", "HOST"), ("PGPORT", "PORT"), ("PGUSER", "USER"), ("PGPASSWORD", "PASSWORD")):
        if given.get(key):
            env[name] = str(given[key])
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise Trouble(
            f"{command[0]} is not installed: install the client programs of PostgreSQL."
        ) from missing
    if done.returncode:
        raise Trouble(f"{command[0]}: {done.stderr.strip()[-600:] or done.returncode}")
    return done.stdout


# --- the way back -----------------------------------------------------------------------------------------
def obstacles() -> list[str]:
    """Why the database is no empty one that nobody uses, in sentences."""
    found = []
    tables = connection.introspection.table_names()
    if tables:
        found.append(
            f"The database holds {len(tables)} tables: restore goes into an empty one (or --replace)."
        )
    if others := _others():
        found.append(f"{others} other connections use the database: stop web, worker and beat first.")
    return found


def _others() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def empty() -> None:
    """Throw the present database away (asked for with --replace)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        return
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)


def load(file: Path) -> None:
    """Fill the empty database from its dump: all of it or nothing."""
    connections.close_all()
    if connection.vendor == "postgresql":
        _run(
            *("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
            *(f"--dbname={database_name()}", str(file)),
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return
    target = Path(connection.settings_dict["NAME"])
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def counts(names: list[str]) -> dict[str, int]:
    """Rows of these tables now; -1 for one that is not there."""
    present = set(connection.introspection.table_names())
    told: dict[str, int] = {}
    with connection.cursor() as cursor:
        for name in names:
            told[name] = -1
            if name in present:
                cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 (a table that exists)
                told[name] = int(cursor.fetchone()[0])
    return told


def jump() -> None:
    """Move every counter of identifiers past those that the lost hours may have given."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + %s) "
                "FROM pg_sequences WHERE schemaname = current_schema() AND sequencename LIKE '%%\\_id\\_seq'",
                [JUMP],
            )
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        wanted = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT name FROM sqlite_sequence")
        known = {row[0] for row in cursor.fetchall()}
        for name in sorted(wanted - known):
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [name])
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s", [JUMP])
