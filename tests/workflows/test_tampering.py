"""Tampering: each kind, at each place, is found and located by `verify_trail` and by the module that stands alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.sample.models import Folder
from workflows import chain, engine, triggers
from workflows.models import ChainHead, Event, EventText
from workflows.trail import head_of, lines_of, texts_of, verify_chain

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CODE, EVENTS = "TI-2026", 9


@pytest.fixture
def trail(folder: Folder, owner: Any, clerk: Any) -> Folder:
    """Nine events, words beside the third, the first and the last."""
    for n in range(1, EVENTS + 1):
        engine.record(folder, "noted", actor=clerk, text=f"Mot {n}." if n in (1, 3, EVENTS) else "", pages=n)
    return folder


def located() -> tuple[int, str] | None:
    """What `verify_trail` prints of the chain: line and fault."""
    out = StringIO()
    try:
        call_command("verify_trail", CODE, stdout=out)
    except SystemExit:
        line, fault = out.getvalue().split(": line ")[1].split()
        return int(line), fault
    return None


def alone(folder: Path, head: str, count: int, lines: list[str] | None = None) -> tuple[int, str] | None:
    """What the module says of the exported chain, where no package is installed."""
    side = folder / "texts.jsonl"
    beside = [{"n": n, "salt": salt.hex(), "text": text} for n, salt, text in texts_of(CODE)]
    side.write_text("".join(json.dumps(one) + "\n" for one in beside), encoding="utf-8")
    given = "".join(f"{line}\n" for line in (lines if lines is not None else lines_of(CODE)))
    options = ["--head", head, "--count", str(count), "--texts", str(side)]
    command = [sys.executable, "-S", "-E", "-m", "workflows.chain", *options]
    done = subprocess.run(command, input=given.encode(), cwd=ROOT, capture_output=True, check=False)
    told = json.loads(done.stdout)
    return None if told["ok"] else (told["line"], told["fault"])


def flip(n: int) -> None:
    """One digit of one line."""
    row = Event.objects.get(chain=CODE, n=n)
    Event.objects.filter(pk=row.pk).update(line=row.line.replace(f'"pages":{n}', f'"pages":{n + 1}'))


def delete(n: int) -> None:
    """One row."""
    Event.objects.get(chain=CODE, n=n).delete()


def insert(n: int) -> None:
    """A copy of row n, in front of it: the numbers of the others move by one."""
    for row in Event.objects.filter(chain=CODE, n__gte=n).order_by("-n"):
        Event.objects.filter(pk=row.pk).update(n=row.n + 1)
    row = Event.objects.get(chain=CODE, n=n + 1)
    row.pk, row.n = None, n
    Event.objects.bulk_create([row])


def swap(n: int) -> None:
    """Row n takes the place of the next, and the next its."""
    pair = [n, n + 1] if n < EVENTS else [n - 1, n]
    first, second = Event.objects.filter(chain=CODE, n__in=pair).order_by("n")
    Event.objects.filter(pk=first.pk).update(n=1000)
    Event.objects.filter(pk=second.pk).update(n=first.n)
    Event.objects.filter(pk=first.pk).update(n=second.n)


def cut(n: int) -> None:
    """Row n and all after it."""
    Event.objects.filter(chain=CODE, n__gte=n).delete()


def rewrite(n: int) -> None:
    """A forger seals row n anew, so that it is right by itself."""
    row = Event.objects.get(chain=CODE, n=n)
    told = json.loads(row.line)
    told.pop("hash")
    told["data"]["pages"] += 1
    line, hashed = chain.seal(told)
    Event.objects.filter(pk=row.pk).update(line=line, hash=hashed)


KINDS: dict[str, Callable[[int], None]] = {
    "flipped": flip, "deleted": delete, "inserted": insert, "swapped": swap, "cut": cut, "rewritten": rewrite,
}  # fmt: skip


def expected(kind: str, n: int) -> tuple[int, str]:
    """Where each fault shows, and under which name."""
    if kind == "flipped":
        return n, "changed"
    if kind == "deleted":
        return n, "truncated" if n == EVENTS else "missing"
    if kind == "inserted":
        return n + 1, "inserted"
    if kind == "swapped":
        return min(n, EVENTS - 1), "reordered"
    if kind == "cut":
        return n, "truncated"
    return (n, "truncated") if n == EVENTS else (n + 1, "changed")


@pytest.mark.parametrize("n", [1, 2, 5, EVENTS])
@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_is_located_by_the_command(trail: Folder, kind: str, n: int) -> None:
    assert located() is None
    with triggers.lifted():
        KINDS[kind](n)
    assert located() == expected(kind, n)


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_is_located_where_no_package_is_installed(trail: Folder, kind: str, tmp_path: Path) -> None:
    count, head = head_of(CODE)
    assert alone(tmp_path, head, count) is None
    with triggers.lifted():
        KINDS[kind](5)
    assert alone(tmp_path, head, count) == expected(kind, 5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, EVENTS), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_bit_of_any_line_is_found_where_it_is(trail: Folder, n: int, at: int, bit: int) -> None:
    lines = [line.encode() for line in lines_of(CODE)]
    count, head = head_of(CODE)
    changed = bytearray(lines[n - 1])
    changed[at % len(changed)] ^= 1 << bit
    lines[n - 1] = bytes(changed)
    told = chain.verify(lines, head=head, count=count)
    assert (told["ok"], told["line"], told["fault"]) == (False, n, "changed")


@pytest.mark.parametrize("n", [1, 3, EVENTS])
def test_words_beside_the_chain_are_located(trail: Folder, n: int, tmp_path: Path) -> None:
    row = EventText.objects.get(event__chain=CODE, event__n=n)
    EventText.objects.filter(pk=row.pk).update(text="Un autre mot.")
    assert located() == (n, "changed")
    count, head = head_of(CODE)
    assert alone(tmp_path, head, count) == (n, "changed")
    EventText.objects.filter(pk=row.pk).update(text=row.text, salt=b"\0" * 16)
    assert located() == (n, "changed")


def test_words_that_no_event_sealed_are_located(trail: Folder) -> None:
    event = Event.objects.get(chain=CODE, n=4)
    EventText.objects.create(event=event, salt=b"\1" * 16, text="Jamais dit.")
    assert located() == (4, "changed")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"head": "sha256:" + "1" * 64}, (EVENTS, "truncated")),
        ({"n": EVENTS + 1}, (EVENTS + 1, "truncated")),
        ({"n": EVENTS - 1}, (EVENTS - 1, "truncated")),
    ],
)
def test_the_row_of_the_head_is_held_by_the_chain(trail: Folder, change: dict[str, Any], found: Any) -> None:
    ChainHead.objects.filter(code=CODE).update(**change)
    assert located() == found


def test_columns_that_say_something_else_than_the_line_are_located(trail: Folder) -> None:
    for column, value in {"verb": "x", "actor": "user:9", "to_state": "accepted", "subject_id": 99}.items():
        kept = Event.objects.filter(n=6).values_list(column, flat=True).get()
        with triggers.lifted():
            Event.objects.filter(n=6).update(**{column: value})
        assert located() == (6, "changed"), column
        with triggers.lifted():
            Event.objects.filter(n=6).update(**{column: kept})
    assert located() is None


def test_a_suffix_cut_with_its_head_needs_an_earlier_head(trail: Folder, tmp_path: Path) -> None:
    """Who holds the whole database may cut the end and put the head back: only a head kept elsewhere tells."""
    count, head = head_of(CODE)
    seventh = Event.objects.get(chain=CODE, n=7)
    with triggers.lifted():
        cut(6)
    fifth = Event.objects.get(chain=CODE, n=5)
    ChainHead.objects.filter(code=CODE).update(n=5, head=fifth.hash)
    assert located() is None  # from inside, nothing shows
    assert alone(tmp_path, head, count) == (6, "truncated")  # the last head, published
    assert alone(tmp_path, seventh.hash, 7) == (6, "truncated")  # the one that a receipt prints
    assert alone(tmp_path, fifth.hash, 5) is None  # an older one is still passed through


def test_a_chain_written_anew_needs_an_earlier_head(trail: Folder, tmp_path: Path) -> None:
    count, head = head_of(CODE)
    kept = Event.objects.get(chain=CODE, n=4).hash
    prev = Event.objects.get(chain=CODE, n=4).hash
    with triggers.lifted():
        for row in Event.objects.filter(chain=CODE, n__gte=5).order_by("n"):
            told = json.loads(row.line)
            told.pop("hash")
            told["data"]["pages"] = 0
            told["prev"] = prev
            line, prev = chain.seal(told)
            Event.objects.filter(pk=row.pk).update(line=line, hash=prev)
    ChainHead.objects.filter(code=CODE).update(head=prev)
    assert verify_chain(CODE)["ok"]
    assert alone(tmp_path, head, count) == (EVENTS, "truncated")
    assert alone(tmp_path, kept, 4) is None
