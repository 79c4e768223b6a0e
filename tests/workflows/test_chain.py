"""workflows.chain: canonical text, seals, and faults found where they are."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cores
from workflows import chain
from workflows.casefile import BadInput


def events(count, name="TI-2026", words=None):
    """A chain of events, as lines."""
    lines, before = [], chain.ZERO
    for n in range(1, count + 1):
        line, before = chain.seal(
            {
                "v": 1,
                "chain": name,
                "n": n,
                "at": f"2026-03-27T20:29:{n % 60:02d}.123456Z",
                "verb": "applications.dossier.submit",
                "subject": f"applications.dossier:{n}",
                "actor": "user:7",
                "behalf": None,
                "request": "é\n\u0001",
                "from": "draft",
                "to": "in_progress",
                "data": {"ids": [n, 2], "hash": "x"},
                "text": (words or {}).get(n),
                "prev": before,
            }
        )
        lines.append(line.encode())
    return lines


def join(lines):
    return b"".join(line + b"\n" for line in lines)


def verify(lines, **options):
    return chain.verify(join(lines).splitlines(keepends=True), **options)


def rewritten(line, **changes):
    """A line with other fields and a right hash."""
    fields = {**json.loads(line), **changes}
    del fields["hash"]
    fields["hash"] = chain.line_hash(fields)
    return chain.canonical(fields).encode()


def fault(line, kind):
    return {"ok": False, "line": line, "fault": kind}


def test_canonical_text():
    written = chain.canonical(
        {"b": [1, True, None], "a": 'é"\\\b\t\n\f\r\u0001\u001f\u007f/\u2028', "Z": "e\u0301"}
    )
    assert written == '{"Z":"é","a":"é\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\u007f/\u2028","b":[1,true,null]}'


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), {1: 2}, {"a": {1, 2}}, "\ud800", {"é": 1, "e\u0301": 2}], ids=repr
)
def test_what_has_no_canonical_text(value):
    with pytest.raises(BadInput):
        chain.canonical(value)


def test_a_seal_is_the_digest_of_the_line_without_its_hash():
    line = events(1)[0].decode()
    hashed = json.loads(line)["hash"]
    assert "sha256:" + hashlib.sha256(line.replace(f',"hash":"{hashed}"', "").encode()).hexdigest() == hashed
    assert chain.line_hash(json.loads(line)) == hashed


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": True},
        {"n": 0},
        {"n": True},
        {"chain": ""},
        {"prev": "x"},
        {"text": "x"},
        {"extra": 1},
        {"data": 0.5},
    ],
    ids=str,
)
def test_a_seal_refuses_other_events(changes):
    fields = {key: value for key, value in json.loads(events(1)[0]).items() if key != "hash"}
    with pytest.raises(BadInput):
        chain.seal({**fields, **changes})


def test_whole_chains_by_module_command():
    lines = events(3)
    head = json.loads(lines[2])["hash"]
    assert cores.answer("workflows.chain", join(lines)) == {"ok": True, "events": 3, "head": head}
    assert cores.answer("workflows.chain", join(lines)[:-1], "--head", head, "--count=3")["ok"]
    assert cores.answer("workflows.chain", b"") == {"ok": True, "events": 0, "head": chain.ZERO}
    assert cores.answer("workflows.chain", join(lines[:2]), "--count", "3") == fault(3, "truncated")
    assert cores.answer("workflows.chain", b"\xff\n") == fault(1, "changed")


@pytest.mark.parametrize(
    "options",
    [
        ["--head", "abc"],
        ["--head", "sha256:" + "A" * 64],
        ["--head"],
        ["--count", "0"],
        ["--count", "-1"],
        ["--count", "1.5"],
        ["--count", "٣"],
        ["--count", "9" * 5000],
        ["--texts", "/nowhere"],
        ["--texts", "/"],
        ["--count", "1", "--count", "1"],
        ["--verbose"],
        ["file"],
    ],
    ids=lambda options: " ".join(options)[:30],
)
def test_bad_options_are_refused(options):
    cores.refusal("workflows.chain", join(events(1)), *options)


LINES = events(6)
HEADS = [json.loads(line)["hash"] for line in LINES]
OTHER = events(6, "site")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([*LINES[:2], *LINES[3:]], fault(3, "missing")),
        (LINES[1:], fault(1, "missing")),
        ([*LINES[:3], LINES[1], *LINES[3:]], fault(4, "inserted")),
        ([*LINES[:2], LINES[3], LINES[2], *LINES[4:]], fault(3, "reordered")),
        ([*LINES[:2], LINES[3], rewritten(LINES[2], verb="x")], fault(3, "reordered")),
        ([*LINES[:2], LINES[3], LINES[2] + b" "], fault(3, "missing")),
        ([*LINES[:2], LINES[3], OTHER[2]], fault(3, "missing")),
        ([*LINES[:2], rewritten(LINES[2], verb="x"), *LINES[3:]], fault(4, "changed")),
        ([*LINES[:2], rewritten(LINES[2], n=0)], fault(3, "missing")),
        ([OTHER[0], *LINES[1:]], fault(2, "changed")),
        ([rewritten(LINES[0], prev=HEADS[0])], fault(1, "changed")),
        ([rewritten(LINES[0], v=2)], fault(1, "changed")),
        ([rewritten(LINES[0], v=True)], fault(1, "changed")),
        ([rewritten(LINES[0], n="1")], fault(1, "changed")),
        ([rewritten(LINES[0], chain=7)], fault(1, "changed")),
        ([rewritten(LINES[0], more=1)], fault(1, "changed")),
        ([LINES[0].replace(b'{"actor"', b'{"actor":"user:7","actor"')], fault(1, "changed")),
        ([LINES[0].replace(b'"n":1,', b'"n": 1,')], fault(1, "changed")),
        ([LINES[0] + b"\r"], fault(1, "changed")),
        ([LINES[0], b"", LINES[1]], fault(2, "changed")),
        ([LINES[0], b""], fault(2, "changed")),
        ([b"[" * 100_000], fault(1, "changed")),
        ([b"\xef\xbb\xbf" + LINES[0]], fault(1, "changed")),
        ([LINES[0].replace("é".encode(), b"\\u00e9")], fault(1, "changed")),
        ([LINES[0].replace("é".encode(), "e\u0301".encode())], fault(1, "changed")),
        ([b"3"], fault(1, "changed")),
    ],
)
def test_faults_are_found_where_they_are(lines, expected):
    assert verify(lines) == expected


@pytest.mark.parametrize(
    ("length", "options", "expected"),
    [
        (6, {"head": HEADS[3], "count": 4}, None),
        (4, {"head": HEADS[3]}, None),
        (6, {"count": 4}, None),
        (6, {"head": HEADS[2], "count": 4}, fault(4, "truncated")),
        (6, {"head": HEADS[3]}, fault(6, "truncated")),
        (3, {"head": HEADS[3], "count": 4}, fault(4, "truncated")),
        (0, {"count": 1}, fault(1, "truncated")),
        (0, {"head": chain.ZERO}, None),
    ],
)
def test_heads_and_counts(length, options, expected):
    found = verify(LINES[:length], **options)
    assert found == (
        expected or {"ok": True, "events": length, "head": HEADS[length - 1] if length else chain.ZERO}
    )


def test_texts_beside_the_chain(tmp_path):
    salt = bytes(range(16))
    lines = events(3, words={1: chain.text_digest(salt, "Été"), 2: chain.text_digest(salt, "deux")})
    side = tmp_path / "texts"

    def found(*entries):
        side.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        return cores.answer("workflows.chain", join(lines), "--texts", str(side))

    one = {"n": 1, "salt": salt.hex(), "text": "E\u0301te\u0301"}
    assert found(one)["ok"]
    assert found()["ok"]
    assert found(one, {"n": 2, "salt": None, "text": None})["ok"]
    assert found(one, {"n": 2, "salt": salt.hex(), "text": "trois"}) == fault(2, "changed")
    assert found({"n": 3, "salt": salt.hex(), "text": "rien"}) == fault(3, "changed")
    assert found({"n": 1, "salt": "00", "text": "Été"}) == fault(1, "changed")
    assert found(one, {**one, "text": "autre"}) == fault(1, "changed")
    side.write_text("{}\n")
    cores.refusal("workflows.chain", join(lines), "--texts", str(side))


def test_a_fault_of_the_chain_before_a_text_comes_first():
    side = [b'{"n": 5, "salt": "00", "text": "x"}']
    assert verify(LINES[:2] + LINES[3:], texts=side) == fault(3, "missing")
    assert verify(LINES, texts=side) == fault(5, "changed")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 5), st.data())
def test_a_changed_byte_is_found_at_its_line(place, data):
    line = bytearray(LINES[place])
    at = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b not in (line[at], 10)))
    line[at] = byte
    assert verify([*LINES[:place], bytes(line), *LINES[place + 1 :]]) == fault(place + 1, "changed")


def twin(numbers):
    """The fault of the lines of one chain taken in some order, by their numbers alone."""
    for k, n in enumerate(numbers, start=1):
        if n != k:
            if n in numbers[: k - 1]:
                return fault(k, "inserted")
            return fault(k, "reordered" if k in numbers[k:] else "missing")
    return None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 6), max_size=8))
def test_deleted_inserted_and_swapped_lines_equal_the_twin(numbers):
    found = verify([LINES[n - 1] for n in numbers])
    assert found == (
        twin(numbers)
        or {"ok": True, "events": len(numbers), "head": HEADS[len(numbers) - 1] if numbers else chain.ZERO}
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_sealed_data_of_any_kind_verifies(value):
    try:
        line = rewritten(LINES[0], data=value)
    except BadInput:
        return
    assert verify([line])["ok"]
