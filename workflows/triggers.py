"""Events are never changed: triggers of both databases, put in place by migrations, compared by a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS = "workflows_event"
DEFINITIONS = "workflows_definition"
WORDS = "events and published definitions are never changed"

SQLITE = {
    f"{EVENTS}_no_update": f"BEFORE UPDATE ON {EVENTS} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    f"{EVENTS}_no_delete": f"BEFORE DELETE ON {EVENTS} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    f"{DEFINITIONS}_no_update": (
        f"BEFORE UPDATE ON {DEFINITIONS} WHEN OLD.published_at IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    ),
    f"{DEFINITIONS}_no_delete": (
        f"BEFORE DELETE ON {DEFINITIONS} WHEN OLD.published_at IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    ),
}
FUNCTION = "workflows_refuse_change"
POSTGRESQL = {
    f"{EVENTS}_no_update": f"BEFORE UPDATE ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
    f"{EVENTS}_no_delete": f"BEFORE DELETE ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
    f"{EVENTS}_no_truncate": (
        f"BEFORE TRUNCATE ON {EVENTS} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    ),
    f"{DEFINITIONS}_no_update": (
        f"BEFORE UPDATE ON {DEFINITIONS} FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) "
        f"EXECUTE FUNCTION {FUNCTION}()"
    ),
    f"{DEFINITIONS}_no_delete": (
        f"BEFORE DELETE ON {DEFINITIONS} FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) "
        f"EXECUTE FUNCTION {FUNCTION}()"
    ),
}


def expected(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers that this database must hold, by name."""
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers of our tables that this database holds, by name, as it tells them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t "
                "WHERE NOT t.tgisinternal AND t.tgenabled = 'O' "
                "AND t.tgrelid IN (to_regclass(%s), to_regclass(%s))",
                [EVENTS, DEFINITIONS],
            )
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)",
                [EVENTS, DEFINITIONS],
            )
        return dict(cursor.fetchall())


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that are absent or say something else than they should."""
    found = installed(connection)
    return [name for name, body in expected(connection).items() if not _same(found.get(name), body)]


def _same(told: str | None, body: str) -> bool:
    """Compare what a database tells with what was asked, spelling apart."""
    if told is None:
        return False
    return _plain(told).endswith(_plain(body))


def _plain(text: str) -> str:
    lowered = text.lower().replace("public.", "").replace("(", " ").replace(")", " ")
    return " ".join(lowered.split())


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, anew."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END $$"
            )
        for name, body in expected(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: migrations that rebuild, and tests that empty the tables."""
    with connection.cursor() as cursor:
        for name in installed(connection):
            table = EVENTS if name.startswith(f"{EVENTS}_") else DEFINITIONS
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run something without the triggers, then put them back (flush of a test database)."""
    remove(connections[using])
    try:
        yield
    finally:
        install(connections[using])


def install_after_migrate(*, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: one of the two receivers of the house."""
    connection = connections[using]
    if {EVENTS, DEFINITIONS} <= set(connection.introspection.table_names()):
        install(connection)
