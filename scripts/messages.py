"""The catalogues: `python scripts/messages.py update|check`.

Message ids are the French sentences of the product (docs/decisions/0002). `update` adds the new ones to
locale/en, drops those that no source says any more and compiles; `check` says what is missing. No system
package is needed: Django turns a template into what a reader of Python source understands, Babel keeps the file.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
PO, MO, FRENCH = (LOCALE / name for name in (
    "en/LC_MESSAGES/django.po", "en/LC_MESSAGES/django.mo", "fr_CA/LC_MESSAGES/django.mo"
))  # fmt: skip
APPS = (
    "web",
    "workflows",
    "search",
    "accounts",
    "grants",
    "applications",
    "review",
    "notifications",
    "audit",
    "config",
)
BORN = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
CONTEXT_PLURAL = {"npgettext", "npgettext_lazy"}
TEXT = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(\s*{TEXT}(?:\s*,\s*{TEXT})?(?:\s*,\s*{TEXT})?")
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


@dataclass
class Message:
    """A sentence of the product: its context, its plural, the files that say it."""

    singular: str
    plural: str = ""
    context: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str]:
        """What the catalogue looks it up by."""
        return (self.context, self.singular)


def made(name: str, texts: list[str]) -> Message | None:
    """A message from the name of a call and its texts, in the order of gettext's own arguments."""
    if name in PLAIN and texts:
        return Message(texts[0])
    if name in PLURAL and len(texts) > 1:
        return Message(texts[0], texts[1])
    if name in CONTEXT and len(texts) > 1:
        return Message(texts[1], context=texts[0])
    if name in CONTEXT_PLURAL and len(texts) > 2:
        return Message(texts[1], texts[2], texts[0])
    return None


def in_python(text: str) -> Iterator[Message]:
    """Every call of gettext with constant words in a module."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if message := made(name, texts):
            yield message


def in_template(text: str, name: str) -> Iterator[Message]:
    """Every translated sentence of a template."""
    from django.utils.translation.template import templatize

    for found in IN_TEMPLATE.finditer(templatize(text, origin=name)):
        texts = [ast.literal_eval(one) for one in found.groups()[1:] if one]
        if message := made(found.group(1), texts):
            yield message


def sources() -> dict[tuple[str, str], Message]:
    """Every message of the product, by context and singular."""
    files = [p for app in APPS for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts]
    files += sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in (".html", ".txt"))
    found: dict[tuple[str, str], Message] = {}
    for path in files:
        name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        for message in in_python(text) if path.suffix == ".py" else in_template(text, name):
            if message.singular:
                kept = found.setdefault(message.key, message)
                kept.plural = kept.plural or message.plural
                kept.files.add(name)
    return found


def blank(locale: str) -> Catalog:
    """A catalogue without a word; its head names no day, so that the same sentences give the same bytes."""
    return Catalog(
        locale=locale,
        project="Jalon",
        version="1",
        fuzzy=False,
        header_comment="# Jalon, messages of the interface. Written by scripts/messages.py; licence of the project.",
        creation_date=BORN,
        revision_date=BORN,
        last_translator="Jalon",
        language_team="Jalon",
        msgid_bugs_address="none",
    )


def catalogue() -> Catalog:
    """What locale/en holds."""
    if not PO.exists():
        return blank("en")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def updated(old: Catalog, wanted: dict[tuple[str, str], Message]) -> Catalog:
    """A catalogue of exactly the wanted messages, with the translations that the old one has."""
    new = blank("en")
    for message in sorted(wanted.values(), key=lambda one: (min(one.files), one.singular)):
        known = old.get(message.singular, message.context or None)
        words = known.string if known and not known.fuzzy else ""
        if message.plural:
            words = words if isinstance(words, tuple | list) else ("", "")
        elif isinstance(words, tuple | list):
            words = ""
        new.add(
            (message.singular, message.plural) if message.plural else message.singular,
            words,
            locations=[(name, None) for name in sorted(message.files)],
            context=message.context or None,
        )
    return new


def faults(held: Catalog, wanted: dict[tuple[str, str], Message]) -> list[str]:
    """What is missing, fuzzy or names other places than its French."""
    found = []
    for message in wanted.values():
        known = held.get(message.singular, message.context or None)
        words = [] if known is None else list(known.string) if message.plural else [known.string]
        if not words or not all(words):
            found.append(f"missing: {message.singular!r} ({min(message.files)})")
            continue
        if known is not None and known.fuzzy:
            found.append(f"fuzzy: {message.singular!r}")
        places = {one for text in (message.singular, message.plural) for one in PLACE.findall(text)}
        for text in words:
            if not set(PLACE.findall(text)) <= places:
                found.append(f"names a place that the French has not: {text!r}")
        if set(PLACE.findall(words[-1])) != set(PLACE.findall(message.plural or message.singular)):
            found.append(f"forgets a place of the French: {words[-1]!r}")
    return found


def compiled(held: Catalog) -> bytes:
    """The bytes that gettext reads."""
    out = io.BytesIO()
    write_mo(out, held)
    return out.getvalue()


def french(wanted: dict[tuple[str, str], Message]) -> Catalog:
    """The plurals in their own language: French says « 0 pièce », which gettext without a catalogue does not."""
    new = blank("fr_CA")
    for message in sorted(wanted.values(), key=lambda one: one.key):
        if message.plural:
            pair = (message.singular, message.plural)
            new.add(pair, pair, context=message.context or None)
    return new


def save(held: Catalog, wanted: dict[tuple[str, str], Message]) -> None:
    """Write the text and what is compiled from it."""
    for path in (PO, MO, FRENCH):
        path.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, held, width=100, omit_header=False)
    MO.write_bytes(compiled(held))
    FRENCH.write_bytes(compiled(french(wanted)))


def main(words: list[str]) -> int:
    """Do what the command asks; 1 when something is missing."""
    wanted = sources()
    if words == ["update"]:
        save(updated(catalogue(), wanted), wanted)
    elif words != ["check"]:
        print(__doc__)
        return 2
    held = catalogue()
    found = faults(held, wanted)
    if (
        not MO.exists()
        or MO.read_bytes() != compiled(held)
        or FRENCH.read_bytes() != compiled(french(wanted))
    ):
        found.append("what is compiled is not what is written: python scripts/messages.py update")
    print("\n".join(found))
    print(f"{len(wanted)} messages, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
