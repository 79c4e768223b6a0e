"""Snapshots: the canonical text of what is filed, its digest, what differs between two, and how one is read.

The text holds answers to the questions shown, files with their digests, bodies, facts, tags and the computed
budget. No number and no instant: the same dossier gives the same text, whoever asks and when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from applications import facts, fields, partners, pledges
from applications.fields import Question, Section
from grants.editions import PUBLIC_ROLES
from workflows.chain import canonical

if TYPE_CHECKING:
    from applications.models import Snapshot

WITH_APPLICANT = "with_applicant"
WHOLE = "="  # before the count that ends a list of fingerprints
Content = Mapping[str, Any]


class Shown(NamedTuple):
    """What a check page shows, and the digest it posts back."""

    text: str
    digest: str


@dataclass(frozen=True)
class Material:
    """A dossier as it would be filed now."""

    sections: list[Section]  # with the questions that are shown, and no others
    answers: dict[str, Any]  # of those questions, blank ones left out
    files: list[dict[str, Any]]
    facts: dict[str, Any]
    budget: dict[str, Any]
    tags: list[str]
    bodies: list[dict[str, Any]]
    reopened: frozenset[str] | None  # questions that a request for completion opens; None when all may change
    withheld: frozenset[int]  # keys of files found infected
    attachments: tuple[Any, ...] = ()  # the rows of the files that are there now

    @property
    def questions(self) -> list[Question]:
        """The questions shown, in order."""
        return [one for section in self.sections for one in section.questions]

    def may_change(self, code: str) -> bool:
        """Whether the applicant may change this answer now."""
        return self.reopened is None or code in self.reopened


# --- building ---------------------------------------------------------------------------------------------
def material(dossier: Any) -> Material:
    """Read a dossier in a bounded number of statements: bodies, answers, files (and the request that is open)."""
    content, volet = dossier.edition.content, dossier.volet.code
    answers = dict(dossier.answers.values_list("question", "value"))
    rows = list(dossier.attachments.filter(removed_at__isnull=True).order_by("slot", "pk"))
    files = [file_facts(row) for row in rows]
    reopened: frozenset[str] | None = None
    if dossier.state == WITH_APPLICANT and dossier.snapshot_id is not None:
        reopened = open_items(dossier)
        answers, files = _over_the_filed(json.loads(dossier.snapshot.text), reopened, answers, files)
    asked = fields.questions(content, volet)
    shown, known, computed = _settle(dossier, asked, answers, files)
    slots = {one.code for one in asked if one.type == "file" and one.code in shown}
    kept = [one for one in files if one["slot"] in slots]
    return Material(
        sections=_sections(content, volet, shown),
        answers={code: answers[code] for code in shown if not fields.is_blank(answers.get(code))},
        files=kept,
        facts=known,
        budget=computed,
        tags=facts.tags_of(content, known),
        bodies=[facts.body_facts(one) for one in facts.bodies_of(dossier)],
        reopened=reopened,
        withheld=frozenset(row.pk for row in rows if row.scan == "infected"),
        attachments=tuple(rows),
    )


def file_facts(row: Any) -> dict[str, Any]:
    """A file as it is frozen."""
    return {
        "slot": row.slot,
        "id": row.pk,
        "name": row.name,
        "size": row.size,
        "digest": row.digest,
        "type": row.content_type,
    }


def open_items(dossier: Any) -> frozenset[str]:
    """Codes of the questions that the open request for completion names."""
    rows = dossier.completion_requests.filter(closed_at__isnull=True)
    return frozenset(code for code in rows.values_list("items__question", flat=True) if code)


def _over_the_filed(
    filed: Content, reopened: frozenset[str], answers: dict[str, Any], files: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was filed, with the reopened answers as they are now: other changes were never filed and stay out."""
    kept = {code: value for code, value in filed["answers"].items() if code not in reopened}
    kept |= {code: value for code, value in answers.items() if code in reopened}
    joined = [one for one in filed["files"] if one["slot"] not in reopened]
    joined += [one for one in files if one["slot"] in reopened]
    return kept, sorted(joined, key=lambda one: (one["slot"], one["id"]))


def _settle(
    dossier: Any, asked: list[Question], answers: dict[str, Any], files: list[dict[str, Any]]
) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """The questions shown and the facts, once hidden answers no longer count (a hidden one may hide another)."""
    shown = [one.code for one in asked]
    for _round in range(len(asked) + 1):
        live = {code: value for code, value in answers.items() if code in shown}
        computed = facts.budget_of(dossier, live)
        known = facts.facts_of(dossier, live, [one for one in files if one["slot"] in shown], computed)
        now = [one.code for one in asked if fields.is_shown(one, known)]
        if now == shown:
            break
        shown = [code for code in now if code in shown] if _round else now
    return shown, known, computed


def _sections(content: Content, volet: str, shown: Iterable[str]) -> list[Section]:
    kept = set(shown)
    found: list[Section] = []
    for section in fields.sections(content, volet):
        visible = tuple(one for one in section.questions if one.code in kept)
        if visible:
            found.append(Section(section.code, section.title, section.help, visible))
    return found


def text_of(dossier: Any, made: Material) -> str:
    """The canonical text of a material."""
    return canonical(
        {
            "v": 1,
            "edition": dossier.edition.digest,
            "volet": dossier.volet.code,
            "answers": made.answers,
            "files": made.files,
            "bodies": made.bodies,
            "facts": made.facts,
            "budget": made.budget,
            "tags": made.tags,
        }
    )


def build(dossier: Any) -> str:
    """The canonical text of a dossier as it would be filed now."""
    return text_of(dossier, material(dossier))


def digest_of(text: str) -> str:
    """`sha256:…` of a stored text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def shown(dossier: Any) -> Shown:
    """What the check page shows, and the digest that `submit` must find again under the lock."""
    text = build(dossier)
    return Shown(text, digest_of(text))


# --- differences ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One thing that differs between two texts: an answer by its code, or files, bodies, facts …"""

    part: str
    code: str
    before: Any = None
    after: Any = None


def _parts(content: Content) -> dict[tuple[str, str], Any]:
    """A text as things that may differ one by one."""
    found: dict[tuple[str, str], Any] = {
        ("answers", code): one for code, one in content.get("answers", {}).items()
    }
    for one in content.get("files", []):
        found.setdefault(("files", one["slot"]), []).append(one)
    for name in ("bodies", "tags", "edition", "volet"):
        found[(name, "")] = content.get(name)
    answered = set(content.get("answers", {})) | {one["slot"] for one in content.get("files", [])}
    for code, one in content.get("facts", {}).items():
        if code not in answered:
            found[("facts", code)] = one
    return found


def difference(old_text: str, new_text: str) -> list[Change]:
    """What changed from one text to another, in a stable order."""
    old, new = _parts(json.loads(old_text)), _parts(json.loads(new_text))
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return [Change(part, code, old.get((part, code)), new.get((part, code))) for part, code in keys]


def fingerprints(text: str) -> str:
    """A short print of each part of a text, for the check page to post: it tells afterwards what has changed.

    The last word counts the others: a list that arrives cut or altered is known as such.
    """
    parts = _parts(json.loads(text))
    made = [f"{part}.{code}:{_short(value)}" for (part, code), value in sorted(parts.items(), key=_by_key)]
    return " ".join([*made, f"{WHOLE}{len(made)}"])


def _by_key(item: tuple[tuple[str, str], Any]) -> tuple[str, str]:
    return item[0]


def _short(value: Any) -> str:
    return hashlib.sha256(canonical({"v": value}).encode()).hexdigest()[:10]


def changed_since(prints: str, text: str) -> list[Change]:
    """What differs from a text of which only the fingerprints are known; nothing when the list is not whole."""
    old, new = _read_prints(prints), _read_prints(fingerprints(text))
    if not old:
        return []
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return [Change(*(key.partition(".")[::2])) for key in keys]


def _read_prints(prints: str) -> dict[str, str]:
    *made, last = prints.split() or [""]
    is_whole = last == f"{WHOLE}{len(made)}"
    return dict(one.rpartition(":")[::2] for one in made) if is_whole else {}


def sentences(changes: Iterable[Change], content: Content) -> list[str]:
    """Each change in words that name the question."""
    labels = {one.code: str(one) for one in fields.questions(content)}
    said: list[str] = []
    for one in changes:
        if one.part == "answers":
            said.append(
                _("La réponse a changé : « %(question)s »") % {"question": labels.get(one.code, one.code)}
            )
        elif one.part == "files":
            said.append(
                _("Les fichiers ont changé : « %(question)s »") % {"question": labels.get(one.code, one.code)}
            )
        elif one.part == "bodies":
            said.append(_("Les renseignements de l’organisme ont changé au répertoire."))
        elif one.part == "edition":
            said.append(_("Le contenu de l’appel a changé."))
    return list(dict.fromkeys(said))


# --- reading ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ReadAnswer:
    """A question with its frozen answer in words, and its files."""

    question: Question
    value: Any
    shown: Any
    files: list[dict[str, Any]]


@dataclass(frozen=True)
class ReadSection:
    """A section of a frozen dossier."""

    code: str
    title: Any
    answers: list[ReadAnswer]


@lru_cache(maxsize=256)
def _parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def content_of(snapshot: Snapshot) -> dict[str, Any]:
    """The content of a snapshot, to be read only."""
    return _parsed(snapshot.text)


def read(snapshot: Snapshot, lang: str | None = None) -> list[ReadSection]:
    """A snapshot by section, under the edition it was filed with: questions that were shown, in order."""
    return read_text(snapshot.text, snapshot.edition.content, lang)


def read_text(text: str, edition: Content, lang: str | None = None) -> list[ReadSection]:
    """A text by section: what a check page, a reader and an export show."""
    filed = _parsed(text)
    answers, files, known = filed["answers"], filed["files"], filed["facts"]
    found: list[ReadSection] = []
    for section in fields.sections(edition, str(filed["volet"])):
        rows = [
            ReadAnswer(
                question=one,
                value=answers.get(one.code),
                shown=partners.shown(filed["bodies"], lang)
                if one.type == "partners"
                else fields.display(one, answers.get(one.code), lang),
                files=[each for each in files if each["slot"] == one.code],
            )
            for one in section.questions
            if one.code in answers or fields.is_shown(one, known)
        ]
        if rows:
            found.append(ReadSection(section.code, section.title, rows))
    return found


def public_by_role(snapshot: Snapshot) -> dict[str, Any]:
    """Answers that may be published, by role: the question's role allows it and its sensitivity is public."""
    content = content_of(snapshot)
    found: dict[str, Any] = {}
    for one in fields.questions(snapshot.edition.content, str(content["volet"])):
        if one.role in PUBLIC_ROLES and one.sensitivity == "public" and one.code in content["answers"]:
            value = content["answers"][one.code]
            found[one.role] = pledges.public(one.frame, value) if one.type == "targets" else value
    return found
