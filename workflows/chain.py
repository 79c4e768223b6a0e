"""The audit chain, event format 1: canonical text, seals, and a verifier that streams.

Pure core: `python -m workflows.chain [--head HASH] [--count N] [--texts FILE] < events.jsonl` runs it alone;
the engine seals its events with `seal` and `text_digest`.
"""

import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflows.casefile import BadInput, main, read, show

FIELDS = (
    *("v", "chain", "n", "at", "verb", "subject", "actor", "behalf", "request"),
    *("from", "to", "data", "text", "prev"),
)
"""The fields that a seal covers; a line has these and `hash`."""
ZERO = "sha256:" + "0" * 64
"""The `prev` of the first event of a chain."""

_KEYS = frozenset((*FIELDS, "hash"))
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def _plain(value: object) -> object:
    """The value with its strings in NFC; a float or anything else that lines may not hold is refused."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        plain: dict[str, object] = {}
        for key, each in value.items():
            if not isinstance(key, str):
                raise BadInput(f"A key must be a text, not {show(key)}.")
            name = unicodedata.normalize("NFC", key)
            if name in plain:
                raise BadInput(f"The key {show(name)} is given twice.")
            plain[name] = _plain(each)
        return plain
    raise BadInput(f"The value {show(value)} has no canonical text.")


def canonical(value: object) -> str:
    """The canonical text of a value: keys sorted by code point, no spaces, no floats, strings in NFC."""
    try:
        written = _encode(_plain(value))
        written.encode("utf-8")
    except BadInput:
        raise
    except (RecursionError, ValueError):
        raise BadInput("The value has no canonical text.") from None
    return written


def _sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def line_hash(fields: Mapping[str, object]) -> str:
    """The hash of an event: SHA-256 of the canonical text of its fields, `hash` left out."""
    covered = {key: value for key, value in fields.items() if key != "hash"}
    return _sha256(canonical(covered).encode("utf-8"))


def seal(fields: Mapping[str, object]) -> tuple[str, str]:
    """The line to store for an event, without line end, and its hash."""
    if set(fields) != set(FIELDS):
        raise BadInput(f"An event has exactly the fields {', '.join(FIELDS)}.")
    number, chain = fields["n"], fields["chain"]
    if type(fields["v"]) is not int or fields["v"] != 1:
        raise BadInput("The format 'v' of an event must be 1.")
    if type(number) is not int or number < 1:
        raise BadInput("The number 'n' of an event must be a whole number from 1.")
    if not isinstance(chain, str) or not chain:
        raise BadInput("The chain of an event must be a text.")
    for key in ("prev", "text"):
        digest = fields[key]
        if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)) and (
            key == "prev" or digest is not None
        ):
            raise BadInput(f"The key '{key}' of an event must be a digest like sha256:….")
    hashed = line_hash(fields)
    return canonical({**fields, "hash": hashed}), hashed


def text_digest(salt: bytes, text: str) -> str:
    """The digest of personal words that stand beside the chain: SHA-256 of salt, then text in UTF-8 NFC."""
    return _sha256(salt + unicodedata.normalize("NFC", text).encode("utf-8"))


@dataclass(slots=True)
class Event:
    """What the verifier needs of a valid line."""

    chain: str
    n: int
    prev: object
    hash: str
    text: object
    fields: dict[str, object]


def _refuse(written: str) -> object:
    raise ValueError(written)


_decode = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode


def _event(raw: bytes) -> Event | None:
    """The event of a line whose bytes are its canonical text with the right hash in its place, or None."""
    try:
        line = raw.decode("utf-8")
        fields = _decode(line)
        if not isinstance(fields, dict) or fields.keys() != _KEYS:
            return None
        if _encode(fields) != line or not unicodedata.is_normalized("NFC", line):
            return None
        hashed, number, chain = fields["hash"], fields["n"], fields["chain"]
        mark = f',"hash":"{hashed}"'
        if line.count(mark) == 1:
            covered = line.replace(mark, "")
        else:
            covered = _encode({key: value for key, value in fields.items() if key != "hash"})
        if hashed != _sha256(covered.encode("utf-8")):
            return None
    except (ValueError, RecursionError):
        return None
    if (
        type(fields["v"]) is not int
        or fields["v"] != 1
        or type(number) is not int
        or not isinstance(chain, str)
    ):
        return None
    return Event(chain, number, fields["prev"], hashed, fields["text"], fields)


def _raw(lines: Iterable[bytes | str]) -> Iterator[bytes]:
    """Each line as bytes without its line feed."""
    for line in lines:
        raw = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        yield raw[:-1] if raw.endswith(b"\n") else raw


@dataclass(slots=True)
class Texts:
    """The digests of the side file, by event; False where a side line cannot be right."""

    digests: dict[int, str | bool] = field(default_factory=dict)

    def agree(self, event: Event) -> bool:
        """Whether the words beside the event, if they are still there, are those that it sealed."""
        digest = self.digests.pop(event.n, None)
        return digest is None or digest == event.text


def _side_digest(salt: object, text: object) -> str | bool:
    if not isinstance(salt, str) or not re.fullmatch(r"[0-9a-fA-F]{32}", salt) or not isinstance(text, str):
        return False
    try:
        return text_digest(bytes.fromhex(salt), text)
    except UnicodeEncodeError:
        return False


def read_texts(lines: Iterable[bytes | str]) -> Texts:
    """The side file: lines of `{"n", "salt", "text"}`; salt and text both null are erased."""
    texts = Texts()
    for place, raw in enumerate(_raw(lines), start=1):
        try:
            given = read(raw)
        except BadInput:
            raise BadInput(f"Line {place} of the texts is not a JSON object.") from None
        if not isinstance(given, dict) or set(given) != {"n", "salt", "text"}:
            raise BadInput(f"Line {place} of the texts must have exactly the keys n, salt and text.")
        number = given["n"]
        if type(number) is not int or number < 1:
            raise BadInput(f"Line {place} of the texts must have a whole number n from 1.")
        if given["salt"] is None and given["text"] is None:
            continue
        digest = _side_digest(given["salt"], given["text"])
        texts.digests[number] = digest if texts.digests.get(number, digest) == digest else False
    return texts


def _fault(line: int, fault: str) -> dict[str, object]:
    return {"ok": False, "line": line, "fault": fault}


def _out_of_order(event: Event, place: int, rest: Iterator[bytes]) -> dict[str, object]:
    """The fault of a valid line whose number is not its place, every line before being in order."""
    if 1 <= event.n < place:
        return _fault(place, "inserted")
    for raw in rest:
        later = _event(raw)
        if later is not None and later.n == place and later.chain == event.chain:
            return _fault(place, "reordered")
    return _fault(place, "missing")


def verify(
    lines: Iterable[bytes | str],
    *,
    head: str | None = None,
    count: int | None = None,
    texts: Iterable[bytes | str] | None = None,
    also: Callable[[dict[str, object]], bool] | None = None,
) -> dict[str, object]:
    """Verify the lines of one chain, once through, against a head and a count where they are given.

    `also` is asked of the fields of each line that is in order: False, and the line counts as changed.
    """
    if head is not None and not _DIGEST.fullmatch(head):
        raise BadInput(f"The head must be 'sha256:' and 64 hexadecimal digits, not {show(head)}.")
    if count is not None and (type(count) is not int or count < 1):
        raise BadInput(f"The count must be a whole number from 1, not {show(count)}.")
    beside = read_texts(texts) if texts is not None else Texts()
    rest = _raw(lines)
    place, last, chain = 0, ZERO, None
    for place, raw in enumerate(rest, start=1):
        event = _event(raw)
        if event is None or (chain is not None and event.chain != chain):
            return _fault(place, "changed")
        chain = event.chain
        if event.n != place:
            return _out_of_order(event, place, rest)
        if event.prev != last or not beside.agree(event) or not (also is None or also(event.fields)):
            return _fault(place, "changed")
        last = event.hash
        if place == count and head is not None and last != head:
            return _fault(place, "truncated")
    if count is not None and place < count:
        return _fault(place + 1, "truncated")
    if count is None and head is not None and last != head:
        return _fault(max(place, 1), "truncated")
    if beside.digests:
        return _fault(min(beside.digests), "changed")
    return {"ok": True, "events": place, "head": last}


def _options(words: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in ("--head", "--count", "--texts"):
            raise BadInput(f"There is no option {show(word)}: only --head, --count and --texts.")
        given = value if equals else next(rest, None)
        if given is None:
            raise BadInput(f"The option {name} needs a value.")
        if name in options:
            raise BadInput(f"The option {name} is given twice.")
        options[name] = given
    return options


def _verify_input() -> object:
    options = _options(sys.argv[1:])
    written = options.get("--count")
    if written is not None and not re.fullmatch(r"[0-9]{1,18}", written):
        raise BadInput(f"The count must be a whole number from 1, not {show(written)}.")
    count = None if written is None else int(written)
    if sys.stdin is None:
        raise BadInput("There is no standard input to read a chain from.")
    head, side = options.get("--head"), options.get("--texts")
    if side is None:
        return verify(sys.stdin.buffer, head=head, count=count)
    try:
        with Path(side).open("rb") as texts:
            return verify(sys.stdin.buffer, head=head, count=count, texts=texts)
    except (OSError, ValueError) as fault:
        if isinstance(fault, BadInput):
            raise
        raise BadInput(f"The texts {show(side)} cannot be read.") from None


if __name__ == "__main__":
    raise SystemExit(main(_verify_input))
