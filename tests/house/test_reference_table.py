"""The table that says where each sentence of the reference call is: every file and every test it names exists."""

import re
from functools import cache

from tests.house import source

TABLE = source.ROOT / "docs" / "reference-call.md"
CALL = source.ROOT / "grants" / "calls" / "ti"


@cache
def named(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, TABLE.read_text(encoding="utf-8"))))


def test_every_file_is_there():
    files = named(r"`([\w/.-]+\.(?:py|json|md))")
    assert len(files) > 60
    assert not [one for one in files if not (source.ROOT / one).is_file() and not (CALL / one).is_file()]


def test_every_test_is_there():
    written = "\n".join(
        path.read_text(encoding="utf-8") for path in source.tracked() if path.name.startswith("test_")
    )
    tests = named(r"`(test_\w+)`")
    assert len(tests) > 30
    assert not [one for one in tests if f"def {one}(" not in written]


def test_every_letter_of_the_call_has_its_row():
    rows = TABLE.read_text(encoding="utf-8")
    assert not [one.name for one in (CALL / "letters").iterdir() if f"`letters/{one.name}`" not in rows]
