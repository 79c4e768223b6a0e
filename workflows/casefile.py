"""How every pure core reads a case and refuses a bad one: JSON in, JSON out, one sentence on a fault.

Standard library only. The readers below (`record`, `whole`, `number`, …) take a value and the words that say
where it stands, return it typed, or raise `BadInput` with one English sentence.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

DIGITS = 60
"""The longest whole number a case may hold; longer ones are a mistake, not money."""

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+)|/([0-9]+))?")


class BadInput(ValueError):
    """A case that cannot be judged; the message is one English sentence."""


def show(value: object) -> str:
    """A short printable form of a value, safe inside a sentence of one line."""
    written = repr(value)
    return written if len(written) <= 60 else written[:57] + "..."


def record(
    data: object, where: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, object]:
    """The object `data`, holding every required key and no key beyond the optional ones."""
    if not isinstance(data, dict):
        raise BadInput(f"{where} must be an object, not {show(data)}.")
    needed = set(required)
    for key in sorted(needed):
        if key not in data:
            raise BadInput(f"{where} lacks the key {show(key)}.")
    for key in data:
        if key not in needed and key not in set(optional):
            raise BadInput(f"{where} has an unknown key {show(key)}.")
    return data


def items(data: object, where: str) -> list[object]:
    """The list `data`."""
    if not isinstance(data, list):
        raise BadInput(f"{where} must be a list, not {show(data)}.")
    return data


def text(data: object, where: str) -> str:
    """The text `data`, not empty."""
    if not isinstance(data, str):
        raise BadInput(f"{where} must be a text, not {show(data)}.")
    if not data:
        raise BadInput(f"{where} must not be empty.")
    return data


def flag(data: object, where: str) -> bool:
    """The boolean `data`."""
    if not isinstance(data, bool):
        raise BadInput(f"{where} must be true or false, not {show(data)}.")
    return data


def whole(data: object, where: str, least: int = 0) -> int:
    """The whole number `data`, at least `least`; a boolean is no number."""
    if type(data) is not int:
        raise BadInput(f"{where} must be a whole number, not {show(data)}.")
    if abs(data) >= 10**DIGITS:
        raise BadInput(f"{where} is a number of more than {DIGITS} digits.")
    if data < least:
        raise BadInput(f"{where} must be at least {least}, not {data}.")
    return data


def number(data: object, where: str, most: int | None = None) -> Fraction:
    """The decimal or fraction written in the text `data`, from 0 up to `most` where one is given."""
    if not isinstance(data, str):
        raise BadInput(f"{where} must be a decimal or a fraction written as text, not {show(data)}.")
    found = _NUMBER.fullmatch(data) if len(data) <= 2 * DIGITS else None
    if found is None:
        raise BadInput(f"{where} must be a decimal like '71.5' or a fraction like '214/3', not {show(data)}.")
    sign, head, decimals, below = found.groups()
    if below is not None and int(below) == 0:
        raise BadInput(f"{where} divides by zero: {show(data)}.")
    value = Fraction(int(head), int(below)) if below else Fraction(f"{head}.{decimals or 0}")
    if sign and value:
        raise BadInput(f"{where} must not be negative: {show(data)}.")
    if most is not None and value > most:
        raise BadInput(f"{where} must be at most {most}, not {show(data)}.")
    return value


def choice(data: object, where: str, allowed: Sequence[str]) -> str:
    """The text `data`, one of `allowed`."""
    if not isinstance(data, str) or data not in allowed:
        raise BadInput(f"{where} must be one of {', '.join(allowed)}, not {show(data)}.")
    return data


def words(data: object, where: str) -> dict[str, str]:
    """A text in languages: `{"fr": …}`, with or without `"en"`."""
    given = record(data, where, ["fr"], ["en"])
    for language, content in given.items():
        if not isinstance(content, str):
            raise BadInput(f"{where} must hold a text for {language}, not {show(content)}.")
    return {language: str(content) for language, content in given.items()}


def unique(names: Sequence[str], where: str) -> None:
    """Refuse a name given twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(f"{where} {show(name)} is given twice.")
        seen.add(name)


def exact(value: Fraction) -> str:
    """The fraction in lowest terms, a whole number bare."""
    try:
        return str(value)
    except ValueError:
        raise BadInput("A computed number has too many digits to be written.") from None


def told(value: Fraction) -> dict[str, str]:
    """A computed value as the cores write it: exact, and rounded half up to two decimals."""
    cents = (value * 200 + 1).__floor__() // 2
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return {"exact": exact(value), "rounded": f"{sign}{exact(Fraction(cents // 100))}.{cents % 100:02d}"}


def dollars(amount: int) -> str:
    """A whole amount as French pages write it: groups of three, no-break spaces, the sign after."""
    return f"{amount:,}".replace(",", "\u00a0") + "\u00a0$"


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique([key for key, _ in pairs], "The key")
    return dict(pairs)


def _refuse_float(written: str) -> object:
    raise BadInput(f"The number {show(written)} is not whole: rates and scores are written as text.")


def read(data: bytes) -> object:
    """The JSON value of `data`: no duplicate key, no float, no half of a surrogate pair."""
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_float=_refuse_float,
            parse_constant=_refuse_float,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except BadInput:
        raise
    except UnicodeDecodeError:
        raise BadInput("The input is not UTF-8.") from None
    except UnicodeEncodeError:
        raise BadInput("A text of the input holds half of a surrogate pair.") from None
    except json.JSONDecodeError as fault:
        raise BadInput(f"The input is not JSON: {fault.msg} at line {fault.lineno}.") from None
    except RecursionError:
        raise BadInput("The input is nested too deeply.") from None
    except ValueError:
        raise BadInput("A number of the input has too many digits.") from None
    return value


def write(result: object) -> bytes:
    """The result as one line of UTF-8 JSON."""
    return json.dumps(result, ensure_ascii=False).encode("utf-8") + b"\n"


def main(work: Callable[[], object]) -> int:
    """Do the work and print its result; on bad input print the sentence and return 2."""
    try:
        answer = write(work())
    except BadInput as fault:
        return _refuse(str(fault))
    except RecursionError:
        return _refuse("The input is nested too deeply.")
    try:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()
    return 0


def _refuse(sentence: str) -> int:
    line = " ".join(sentence.split()) + "\n"
    sys.stderr.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stderr.buffer.flush()
    return 2


def run(judge: Callable[[object], object]) -> int:
    """The front of `python -m MODULE < case.json`: read the case, judge it, print the result."""

    def work() -> object:
        if len(sys.argv) > 1:
            raise BadInput(f"This module reads its case on standard input and takes no {show(sys.argv[1])}.")
        if sys.stdin is None:
            raise BadInput("There is no standard input to read a case from.")
        return judge(read(sys.stdin.buffer.read()))

    return main(work)
