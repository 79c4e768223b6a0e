"""The process of a call: judged with the people and the letters it really has, frozen when the call is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts.permissions import role_model
from grants import facts
from grants.roles import CALL_ROLES, PANEL_ROLES, PROGRAMME_ROLES
from web import clock
from web.formats import tr
from workflows.actions import fault_words, faults_of, publish_definition
from workflows.actors import Actor

if TYPE_CHECKING:
    from grants.models import Call, Edition

# Held by municipalities and by panels, which are named after the publication of a call.
ROLE_NAMES = dict((*CALL_ROLES, *PROGRAMME_ROLES, *PANEL_ROLES))
LATER = frozenset({"signatory", *(code for code, _label in PANEL_ROLES)})
ALL_ROLES = LATER | {code for code, _label in (*CALL_ROLES, *PROGRAMME_ROLES)}


def roles_held(call: Call) -> set[str]:
    """Roles that an active person holds on the call or its programme."""
    held: set[str] = set()
    for thing in (call, call.programme):
        rows = role_model(type(thing))._default_manager.filter(
            content_object_id=thing.pk, user__is_active=True
        )
        held.update(rows.values_list("permission__codename", flat=True))
    return held


def process_facts(edition: Edition) -> dict[str, str]:
    """The facts that the outcomes of this process may read."""
    return facts.declared(
        one for section in edition.content["form"]["sections"] for one in section["questions"]
    )


def fault_sentences(content: Mapping[str, Any], found: list[dict[str, Any]]) -> list[str]:
    """Faults of soundness as a person reads them, with the path that shows each."""
    stages = {str(one["code"]): one for one in content["stages"]}
    names = {code: tr(one["label"]["staff"]) for code, one in stages.items()}
    return [_fault_sentence(one, stages, names) for one in found]


def _fault_sentence(fault: Mapping[str, Any], stages: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One fault, with the names of the stages and of the role."""
    at = str(fault["at"])
    named = {
        "stage": names.get(at, at),
        "path": " → ".join(names.get(code, code) for code in fault["path"]) or "—",
        "fault": fault_words(str(fault["code"])),
    }
    if fault["code"] == "nobody_can_act" and at in stages:
        role = str(stages[at]["actor"])
        return _(
            "Personne ne tient le rôle « %(role)s », qui agit à l’étape « %(stage)s » (chemin : %(path)s)."
        ) % {
            **named,
            "role": _(ROLE_NAMES.get(role, role)),
        }
    return _("Étape « %(stage)s » : %(fault)s (chemin : %(path)s).") % named


def judge(
    content: dict[str, Any], *, roles: Collection[str], letters: Collection[str], types: dict[str, str]
) -> list[str]:
    """What makes a process unsound, as sentences."""
    found = faults_of(content, roles=roles, letters=letters, facts=types)
    return fault_sentences(content, found)


def soundness_faults(call: Call) -> list[str]:
    """What makes the process of this call unsound, with its real people and letters."""
    if call.edition is None:
        return []
    return judge(
        call.edition.definition.content,
        roles=roles_held(call) | LATER,
        letters=letters_held(call),
        types=process_facts(call.edition),
    )


def letters_held(call: Call) -> set[str]:
    """Kinds of letters that have a text in the language of the call."""
    return set(call.letter_texts.filter(language=call.language).values_list("kind", flat=True))


def freeze(call: Call, *, actor: Actor, past: bool = False) -> dict[str, Any]:
    """Publish the edition of a call and the process it pins; a loaded past was public a week before it opened."""
    edition = call.edition
    if edition is None:
        return {}
    now = clock.now()
    if edition.published_at is None:
        edition.published_at = min(now, call.opens_at - timedelta(days=7)) if past else now
        edition.save(update_fields=["published_at"])
    publish_definition(
        edition.definition,
        actor=actor,
        roles=roles_held(call) | LATER,
        letters=letters_held(call),
        facts=process_facts(edition),
    )
    return {"edition": edition.version, "digest": edition.digest}
