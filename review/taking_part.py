"""Who took part in a refused decision: they do not answer a request to reconsider it. Computed, never declared.

Read from the acts on the dossier, its assignments, the panel of its volet, the decisions that hold a line of it,
recusals, mandates of its organisations and earlier reconsiderations: whoever did something is out, unless what was
done judges nothing (`NEUTRAL`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import permissions
from accounts.models import Membership, User
from applications.reopening import process_of
from review.querysets import ANSWERING
from workflows.models import Event

# Acts on a dossier that judge nothing of it.
NEUTRAL = frozenset(
    {"start", "submit", "resubmit", "withdraw", "file_added", "file_removed", "file_infected", "file_scanned"}
    | {"file_read", "pdf", "zip", "name_analyst", "reconsideration", "reopen"}
)
CHECKED = frozenset({"confirm_rule", "confirm_aid", "send_back", "advance"})
DOSSIER, DECISION, PANEL = "applications.dossier", "grants.decision", "review.panel"

PARTS = {
    "analyst": gettext_lazy("a suivi ou vérifié la demande"),
    "countersigner": gettext_lazy("a contresigné le refus"),
    "acted": gettext_lazy("a agi sur ce dossier"),
    "reviewer": gettext_lazy("a reçu la demande pour l’évaluer"),
    "member": gettext_lazy("siège ou a siégé au comité qui l’a examinée"),
    "secretary": gettext_lazy("tient le secrétariat du comité qui l’a examinée"),
    "decider": gettext_lazy("a préparé, proposé, signé ou libéré la décision"),
    "recused": gettext_lazy("est en récusation sur ce dossier"),
    "applicant": gettext_lazy("agit pour un organisme du dossier"),
    "earlier": gettext_lazy("a répondu à un réexamen précédent de ce dossier"),
}


def parts_in(dossier: Any, *, apart_from: int | None = None) -> dict[int, str]:
    """Keys of the people who took part, each with what they did; `apart_from`: the reconsideration at hand."""
    found: dict[int, str] = {}
    _take(found, Membership.objects.filter(organisation__bodies__dossier=dossier.pk), "user_id", "applicant")
    _take(found, _rows("Recusal").filter(dossier=dossier.pk), "user_id", "recused")
    if dossier.analyst_id is not None:
        found.setdefault(dossier.analyst_id, "analyst")
    _acts(found, dossier)
    _take(found, _rows("Assignment").filter(dossier=dossier.pk), "reviewer_id", "reviewer")
    decisions = _deciders(found, dossier)
    if decisions or dossier.secret:
        _panel(found, dossier)
    earlier = _rows("Reconsideration").filter(dossier=dossier.pk).exclude(pk=apart_from)
    for column in ("reconsiderer_id", "countersigned_by_id"):
        _take(found, earlier, column, "earlier")
    return found


def why_out(dossier: Any, person: User, *, apart_from: int | None = None) -> str:
    """The sentence that keeps this person from answering, or nothing."""
    return sentence(person, parts_in(dossier, apart_from=apart_from).get(person.pk, ""))


def sentence(person: User, part: str) -> str:
    """What somebody did, as a reason to be out."""
    if not part:
        return ""
    words = {"who": str(person), "part": PARTS[part]}
    return _("%(who)s ne peut pas répondre à ce réexamen : cette personne %(part)s.") % words


def candidates(call: Any) -> list[User]:
    """Everybody of the ministry who may be asked to answer, by name, whether in or out of the refused decision."""
    found: dict[int, User] = {}
    for thing in (call, call.programme):
        held = set(permissions.declared_roles(type(thing)))
        for person in permissions.holders([one for one in ANSWERING if one in held], thing):
            found.setdefault(person.pk, person)
    return sorted(found.values(), key=lambda one: (one.sort_name, one.pk))


# --- reads ------------------------------------------------------------------------------------------------
def _rows(name: str, app: str = "review") -> Any:
    return apps.get_model(app, name)._default_manager


def _take(found: dict[int, str], rows: Any, column: str, part: str) -> None:
    for pk in rows.order_by().values_list(column, flat=True).distinct():
        if pk is not None:
            found.setdefault(pk, part)


def _person(actor: str) -> int | None:
    kind, _colon, key = actor.partition(":")
    return int(key) if kind == "user" and key.isdecimal() else None


def _acts(found: dict[int, str], dossier: Any) -> None:
    """Acts on the dossier, by their actor or on whose behalf."""
    process = process_of(dossier)
    rows = Event.objects.filter(subject_type=DOSSIER, subject_id=dossier.pk).order_by("id")
    for verb, actor, behalf, stage in rows.values_list("verb", "actor", "behalf", "stage"):
        done = verb.rpartition(".")[2]
        if done in NEUTRAL:
            continue
        part = "analyst" if done in CHECKED else "countersigner" if done == "reject" else "acted"
        if done == "advance" and stage in process.secret:  # passed on to the committee, or by its lock
            part = "secretary" if process.stage(stage).actor == "secretary" else "member"
        if behalf:  # carried out by the release, for whoever signed
            part = "decider"
        for one in (_person(actor), _person(behalf)):
            if one is not None:
                found.setdefault(one, part)


def _deciders(found: dict[int, str], dossier: Any) -> list[int]:
    """Who prepared, proposed, returned, signed or released a decision that holds a line of the dossier."""
    lines = _rows("DecisionLine", "grants").filter(dossier_id=dossier.pk)
    keys = list(lines.order_by().values_list("decision_id", flat=True).distinct())
    if not keys:
        return []
    _take(found, _rows("Decision", "grants").filter(pk__in=keys), "created_by_id", "decider")
    _take(found, _rows("DecisionApproval", "grants").filter(decision__in=keys), "user_id", "decider")
    _actors(found, DECISION, keys, "decider")
    return keys


def _actors(found: dict[int, str], kind: str, keys: Iterable[int], part: str) -> None:
    rows = Event.objects.filter(subject_type=kind, subject_id__in=list(keys))
    for actor in rows.order_by().values_list("actor", flat=True).distinct():
        one = _person(actor)
        if one is not None:
            found.setdefault(one, part)


def _panel(found: dict[int, str], dossier: Any) -> None:
    """Members, chair and secretary of the panel of the volet, those of before too."""
    keys = list(_rows("Panel").filter(volet=dossier.volet_id).values_list("pk", flat=True))
    held = permissions.role_model(apps.get_model("review", "Panel"))._default_manager
    _take(found, held.filter(content_object__in=keys), "user_id", "member")
    _actors(found, PANEL, keys, "member")
    _take(found, _rows("Assignment").filter(panel__in=keys), "assigned_by_id", "secretary")
    for thing in (dossier.call, dossier.call.programme):
        if "secretary" in permissions.declared_roles(type(thing)):
            for person in permissions.holders("secretary", thing):
                found.setdefault(person.pk, "secretary")
    on = [(f"{PANEL}:{key}", "") for key in keys] + [(f"grants.call:{dossier.call_id}", "secretary")]
    for thing, role in on:
        given = Event.objects.filter(verb="accounts.user.grant", line__contains=f'"on":"{thing}"')
        for event in given:
            if not role or event.data.get("role") == role:
                found.setdefault(event.subject_id, role or "member")
