"""How an outsider runs a pure core: no site-packages, no environment, a case on standard input."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "docs" / "cases"


def case(name):
    """A case of docs/cases."""
    return json.loads((CASES / f"{name}.json").read_text("utf-8"))


def run(module, given, *options):
    """Run a core by its module command; bytes pass as they are, anything else as JSON."""
    data = given if isinstance(given, bytes) else json.dumps(given).encode()
    return subprocess.run(
        [sys.executable, "-S", "-E", "-m", module, *options],
        input=data,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def alone(folder: Path, module: str, *options: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run a core of an exported call: no site-packages, no environment, nothing of the site on the path."""
    return subprocess.run(
        [sys.executable, "-S", "-E", "-B", "-m", module, *options],
        input=(folder / given).read_bytes() if given else b"",
        capture_output=True,
        cwd=folder / "cores",
        env={},
        check=False,
        timeout=60,
    )


def answer(module, given, *options):
    """The result of a core, which must have accepted the case."""
    done = run(module, given, *options)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return json.loads(done.stdout)


def refusal(module, given, *options):
    """The one sentence by which a core refuses a case."""
    done = run(module, given, *options)
    sentence = done.stderr.decode("utf-8")
    assert done.returncode == 2, (done.stdout, sentence)
    assert done.stdout == b""
    assert sentence.count("\n") == 1
    assert sentence.endswith(".\n"), sentence
    assert "Traceback" not in sentence
    return sentence


GARBAGE = [
    b"",
    b"nothing",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a": ' * 50_000,
    b'{"a": 1, "a": 1}',
    b'{"a": 1.5}',
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b"[]",
    b"null",
    b"3",
    b"{}",
]
"""What no core takes, whatever its shape."""


def changed(given, path, value):
    """A copy of a case with one place set to a value; `...` removes it."""
    copy = json.loads(json.dumps(given))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def paths(given, at=()):
    """Every place of a case."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield (*at, key)
            yield from paths(value, (*at, key))
    elif isinstance(given, list):
        for place, value in enumerate(given):
            yield (*at, place)
            yield from paths(value, (*at, place))
