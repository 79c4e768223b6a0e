"""Letters of a call: their kinds, the names that a text may hold and the places where a table is put. Plain data.

A text is a list of blocks: {"p": text}, {"h": text}, {"list": [texts]}, {"slot": name}. `{{name}}` is replaced by
a value of the dossier, never by markup; any other name is refused when the text is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop

KINDS: dict[str, str] = {
    "L1": gettext_noop("Accusé de réception"),
    "L2": gettext_noop("Demande de compléments"),
    "L3": gettext_noop("Avis de non-admissibilité"),
    "L4": gettext_noop("Lettre d’annonce"),
    "L5": gettext_noop("Lettre de refus"),
    "L6": gettext_noop("Liste d’attente"),
    "L7": gettext_noop("Offre partielle"),
    "L8": gettext_noop("Réponse à une demande de réexamen"),
    "L12": gettext_noop("Avis de désistement ou d’annulation"),
}
# Letters that any call must hold before it is published; the others are asked by the ends of its process.
ALWAYS = ("L1", "L2", "L12")

PLACEHOLDERS: frozenset[str] = frozenset(
    {
        # the dossier
        "number",
        "title",
        "organisation",
        "of_organisation",
        "call_title",
        "programme",
        "ministry",
        "volet",
        "filed_at",
        "digest",
        "requested",
        # dates of the call and of the letter
        "closes_at",
        "letters_at",
        "publish_at",
        "decision_date",
        "reply_by",
        "confirm_by",
        "valid_until",
        "costs_from",
        "ended_at",
        "next_call",
        "convention_days",
        # money
        "amount",
        "amount_words",
        "rate",
        "kept_costs",
        "own",
        "freed",
        "envelope",
        "requests_count",
        "requested_total",
        # result
        "score",
        "threshold",
        "lowest_funded",
        "waiting_rank",
        "cause",
        # people and recourse
        "contact_name",
        "contact_phone",
        "contact_email",
        "recourse_name",
        "recourse_function",
        "recourse_email",
        "recourse_address",
        "reconsideration_days",
        "reconsideration_until",
        "asked_at",
        "answer",
        "follow_up",
        "next_recourse",
        "authority_name",
        "authority_function",
    }
)

# slot: the letters that may hold it
SLOTS: dict[str, tuple[str, ...]] = {
    "pieces": ("L1",),  # files received with their digests
    "items": ("L2",),  # what is missing and why
    "rules": ("L3",),  # rule, article, facts, evidence seen
    "reductions": ("L4", "L7"),  # what reduced the aid, with the rule
    "conditions": ("L4", "L7"),  # before the first payment
    "scope": ("L7",),  # asked and offered
    "reasons": ("L5", "L6", "L3"),  # score by criterion against its threshold
    "comments": ("L5", "L6"),  # strong points, points to strengthen
    "causes": ("L5",),  # why it is not kept: under a threshold, or no money left
    "support": ("L5",),  # training paths of the weakest dimensions of its self-diagnosis
    "grounds": ("L8",),  # what was asked: ground, words, file
    "motives": ("L8",),  # why the decision is maintained or reversed
}
SLOT_NAMES: dict[str, str] = {
    "pieces": gettext_noop("pièces reçues et leurs empreintes"),
    "items": gettext_noop("ce qui manque et pourquoi"),
    "rules": gettext_noop("règles non respectées, articles et faits"),
    "reductions": gettext_noop("réductions de l’aide"),
    "conditions": gettext_noop("conditions avant le premier versement"),
    "scope": gettext_noop("aide demandée et aide offerte"),
    "reasons": gettext_noop("note par critère et seuil"),
    "comments": gettext_noop("points forts et points à renforcer"),
    "causes": gettext_noop("raisons du refus"),
    "support": gettext_noop("formations suggérées par l’autodiagnostic"),
    "grounds": gettext_noop("motifs invoqués pour le réexamen"),
    "motives": gettext_noop("motifs de la réponse"),
}
# What a letter must hold to be lawful (reference: mentions of each letter).
NEEDED: dict[str, frozenset[str]] = {
    "L1": frozenset({"{number}", "{filed_at}", "pieces", "{contact_name}"}),
    "L2": frozenset({"items", "{reply_by}", "{contact_name}"}),
    "L3": frozenset({"rules", "{reconsideration_until}", "{recourse_name}", "{contact_name}"}),
    "L4": frozenset(
        {
            "{amount}",
            "{amount_words}",
            "{rate}",
            "{kept_costs}",
            "conditions",
            "{costs_from}",
            "{convention_days}",
            "{publish_at}",
            "{contact_name}",
        }
    ),
    "L5": frozenset(
        {
            "reasons",
            "comments",
            "{score}",
            "{lowest_funded}",
            "{requests_count}",
            "{envelope}",
            "{reconsideration_until}",
            "{recourse_name}",
            "{contact_name}",
        }
    ),
    "L6": frozenset({"{waiting_rank}", "{valid_until}", "{contact_name}"}),
    "L7": frozenset({"{amount}", "{requested}", "scope", "{confirm_by}", "{contact_name}"}),
    "L8": frozenset({"grounds", "{answer}", "motives", "{follow_up}", "{next_recourse}", "{contact_name}"}),
    "L12": frozenset({"{ended_at}", "{cause}", "{freed}", "{contact_name}"}),
}

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def texts_of(body: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every text of a letter's blocks."""
    for block in body:
        for key in ("p", "h"):
            if key in block:
                yield str(block[key])
        yield from (str(item) for item in block.get("list", ()))


def names_in(subject: str, body: Sequence[Mapping[str, Any]]) -> set[str]:
    """The names that the subject and the blocks ask for."""
    return {name for text in (subject, *texts_of(body)) for name in PLACEHOLDER.findall(text)}


def slots_in(body: Sequence[Mapping[str, Any]]) -> set[str]:
    """The tables that the blocks ask for."""
    return {str(block["slot"]) for block in body if "slot" in block}


def missing_mentions(kind: str, subject: str, body: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the law or the norms want in this letter and the text does not hold."""
    held = {f"{{{name}}}" for name in names_in(subject, body)} | slots_in(body)
    return sorted(NEEDED.get(kind, frozenset()) - held)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each name replaced; a name without value raises KeyError (a letter is never sent with a hole)."""
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], text)


# --- the notation in which staff write a text -----------------------------------------------------
SLOT_LINE = re.compile(r"\[\[\s*(\w+)\s*\]\]")


def to_text(body: Sequence[Mapping[str, Any]]) -> str:
    """Blocks as staff write them: `# heading`, `- item`, `[[slot]]`, paragraphs apart by an empty line."""
    written = []
    for block in body:
        if "h" in block:
            written.append(f"# {block['h']}")
        elif "list" in block:
            written.append("\n".join(f"- {item}" for item in block["list"]))
        elif "slot" in block:
            written.append(f"[[{block['slot']}]]")
        else:
            written.append(str(block["p"]))
    return "\n\n".join(written)


def from_text(text: str) -> list[dict[str, Any]]:
    """The blocks of a text that staff wrote."""
    body: list[dict[str, Any]] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        slot = SLOT_LINE.fullmatch(lines[0])
        if slot and len(lines) == 1:
            body.append({"slot": slot.group(1)})
        elif lines[0].startswith("# ") and len(lines) == 1:
            body.append({"h": lines[0][2:].strip()})
        elif all(line.startswith("- ") for line in lines):
            body.append({"list": [line[2:].strip() for line in lines]})
        else:
            body.append({"p": " ".join(lines)})
    return body
