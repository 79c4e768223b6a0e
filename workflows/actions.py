"""Definitions: load a draft version, publish a sound one, copy a ready-made one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from workflows import chain, schema, soundness
from workflows.actors import Actor
from workflows.engine import record, unit
from workflows.exceptions import Refused
from workflows.models import Definition

READY_MADE = Path(__file__).parent / "definitions"


def ready_made(code: str) -> dict[str, Any]:
    """The body of a process shipped with the product."""
    body: dict[str, Any] = json.loads((READY_MADE / f"{code}.json").read_text(encoding="utf-8"))
    return body


def ready_made_codes() -> list[str]:
    """Codes of the processes shipped with the product."""
    return sorted(path.stem for path in READY_MADE.glob("*.json"))


def digest_of(body: str) -> str:
    """The digest of a stored canonical text."""
    return "sha256:" + hashlib.sha256(body.encode("utf-8")).hexdigest()


def save_definition(content: Mapping[str, Any], *, actor: Actor) -> Definition:
    """Store a process: the same text gives its version back, a change of a published one a new version."""
    schema.parse(content)
    code = str(content["code"])
    last = Definition.objects.filter(code=code).order_by("-version").first()
    if last is not None:
        same = chain.canonical({**content, "version": last.version})
        if same == last.body:
            return last
    draft = last if last is not None and last.published_at is None else None
    version = draft.version if draft else (last.version + 1 if last else 1)
    body = chain.canonical({**content, "version": version})
    with unit():
        row = draft or Definition(code=code, version=version)
        row.body, row.digest = body, digest_of(body)
        row.save()
        record(row, "saved", actor=actor, code=code, version=version, digest=row.digest)
    return row


def faults_of(
    content: Mapping[str, Any],
    *,
    roles: Collection[str],
    letters: Collection[str],
    facts: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What makes a process unsound, each with the path that shows it."""
    case = {
        "definition": dict(content),
        "roles": sorted(roles),
        "letters": sorted(letters),
        "facts": dict(facts),
    }
    result: dict[str, Any] = dict(soundness.check(case))
    faults: list[dict[str, Any]] = [] if result["sound"] else list(result["faults"])
    return faults


def publish_definition(
    definition: Definition,
    *,
    actor: Actor,
    roles: Collection[str],
    letters: Collection[str],
    facts: Mapping[str, str],
) -> Definition:
    """Freeze a version; an unsound one is refused with its counter-example paths."""
    if definition.published_at is not None:
        return definition
    faults = faults_of(definition.content, roles=roles, letters=letters, facts=facts)
    if faults:
        raise Refused(
            _("Étape « %(stage)s » : %(fault)s (chemin : %(path)s)")
            % {
                "stage": fault["at"],
                "fault": fault_words(str(fault["code"])),
                "path": " → ".join(fault["path"]) or "—",
            }
            for fault in faults
        )
    with unit():
        definition.published_at = timezone.now()
        definition.save()
        record(definition, "published", actor=actor, code=definition.code, version=definition.version)
    return definition


def fault_words(code: str) -> str:
    """A fault of soundness in plain words."""
    words = {
        "unreachable": _("on ne peut jamais y arriver"),
        "no_way_out": _("on ne peut pas en sortir jusqu’à une fin"),
        "dead_outcome": _("une issue ne peut jamais être prise"),
        "nobody_can_act": _("personne ne tient le rôle qui agit"),
        "end_without_letter": _("une fin n’a pas de lettre"),
        "overlap": _("deux issues peuvent valoir en même temps"),
        "gap": _("un cas n’a pas d’issue"),
        "delay_without_outcome": _("le délai ne mène à aucune issue"),
        "unknown_reference": _("un renvoi mène à une chose inconnue"),
    }
    return words.get(code, code)
