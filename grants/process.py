"""The process of a call: judged with the people and the letters it really has, frozen when the call is published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts.permissions import role_model
from grants import facts
from grants.roles import CALL_ROLES, PANEL_ROLES, PROGRAMME_ROLES
from web import clock
from workflows.actions import fault_words, faults_of, publish_definition
from workflows.actors import Actor

if TYPE_CHECKING:
    from grants.models import Call, Edition

# Held by municipalities and by panels, which are named after the publication of a call.
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


def fault_sentences(found: list[dict[str, Any]]) -> list[str]:
    """Faults of soundness as a person reads them, with the path that shows each."""
    return [
        _("Étape « %(stage)s » : %(fault)s (chemin : %(path)s).")
        % {"stage": one["at"], "fault": fault_words(str(one["code"])), "path": " → ".join(one["path"]) or "—"}
        for one in found
    ]


def judge(
    content: dict[str, Any], *, roles: Collection[str], letters: Collection[str], types: dict[str, str]
) -> list[str]:
    """What makes a process unsound, as sentences."""
    return fault_sentences(faults_of(content, roles=roles, letters=letters, facts=types))


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
