"""What the register of events says of a call and its dossiers as of an instant, in bounded statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import MembershipRole
from accounts.names import fold as fold_name
from accounts.permissions import declared_roles
from applications.models import Dossier, Snapshot
from audit import standing
from audit.standing import Standing
from grants.models import Call, Decision
from review.models import Assignment, Panel
from web.formats import tr
from workflows import schema
from workflows.actors import system_actor_label
from workflows.models import SITE, Event
from workflows.vocabulary import label_of

DOSSIER = "applications.dossier"
FOR_EVERYBODY = {  # roles that the tables name in the masculine
    "auditor": gettext_noop("Vérificatrice ou vérificateur"),
    "reviewer": gettext_noop("Évaluatrice ou évaluateur"),
    "chair": gettext_noop("Présidence du comité"),
}
ROLE_VERBS = ("grant", "revoke", "suspend", "reinstate")
MANDATE_VERBS = ("claim", "confirm", "join", "refuse", "remove", "end", "hand_over", "replace")


@dataclass(frozen=True)
class Held:
    """A role as it stood: who, which one, on what, since when, given by whom."""

    who: str
    role: str
    on: str
    since: datetime
    by: str
    suspended: bool
    traced: bool = True  # false: a row of the role table that no event of the register explains


@dataclass(frozen=True)
class Then:
    """The state of a dossier at an instant."""

    state: str
    stage: str
    outcome: str
    since: datetime
    snapshot: Mapping[str, Any]


def instant(text: str) -> datetime:
    """An instant as events write it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def written(at: datetime) -> str:
    """The instant as events write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fold(lines: Iterable[str]) -> Standing:
    """What the lines of events leave standing."""
    return standing.fold(json.loads(line) for line in lines)


# --- the register ----------------------------------------------------------------------------------------
def head_at(code: str, at: datetime) -> tuple[int, str]:
    """Count and head of a chain at an instant."""
    row = Event.objects.filter(chain=code, at__lte=at).order_by("-n").values_list("n", "hash").first()
    return row or (0, "")


def lines_about(kind: str, keys: Iterable[int], at: datetime) -> list[str]:
    """The lines of the events about some rows of a kind, up to an instant, in order."""
    rows = Event.objects.filter(subject_type=kind, subject_id__in=list(keys), at__lte=at)
    return list(rows.order_by("id").values_list("line", flat=True))


def story(dossier: Dossier, given: Iterable[int], decided: Iterable[int], at: datetime) -> list[Event]:
    """Every event about a dossier, its assignments and its decisions up to an instant, in one statement."""
    about = Q(subject_type=DOSSIER, subject_id=dossier.pk)
    about |= Q(subject_type="review.assignment", subject_id__in=list(given))
    about |= Q(subject_type="grants.decision", subject_id__in=list(decided))
    return list(Event.objects.filter(about, at__lte=at).select_related("beside").order_by("id"))


# --- dossiers ----------------------------------------------------------------------------------------------
def of_call(user: Any, call: Call) -> Any:
    """Dossiers of a call for its auditor: not those of which one is recused, nor those of one's own municipality."""
    own = Dossier.objects.applicant_side(user).values("pk")
    rows: Any = Dossier.objects.visible_to(user).filter(call=call)
    return rows.exclude(pk__in=own)


def dossiers_at(user: Any, call: Call, at: datetime) -> Any:
    """Dossiers of a call that were filed by then, each with the lines that tell its state at the instant."""
    told = Event.objects.filter(subject_type=DOSSIER, subject_id=OuterRef("pk"), at__lte=at).order_by("-id")
    moved = told.exclude(to_state="")
    found = of_call(user, call).annotate(
        state_then=Subquery(moved.values("to_state")[:1], output_field=CharField()),
        moved_then=Subquery(moved.values("line")[:1]),
        outcome_then=Subquery(moved.filter(line__contains='"outcome":').values("line")[:1]),
        filed_then=Subquery(told.filter(verb__in=filings()).values("line")[:1]),
    )
    return found.filter(state_then__isnull=False).exclude(state_then="draft")


def filings() -> list[str]:
    """Verbs that freeze a version."""
    return [f"{DOSSIER}.{verb}" for verb in standing.FILINGS]


def then(row: Any) -> Then:
    """The state of a row of `dossiers_at`, from its last move, its last outcome and its last filing."""
    lines = {line for line in (row.filed_then, row.outcome_then, row.moved_then) if line}
    ordered = sorted((json.loads(line) for line in lines), key=lambda line: line["n"])
    made = standing.fold(ordered).subjects[f"{DOSSIER}:{row.pk}"]
    return then_of(made)


def then_of(told: Mapping[str, Any]) -> Then:
    """The state of a dossier as the core tells it."""
    return Then(
        str(told.get("state", "")),
        str(told.get("stage", "")),
        str(told.get("outcome", "")),
        instant(told["since"]),
        told.get("snapshot") or {},
    )


def snapshot_then(dossier: Dossier, told: Then) -> Snapshot | None:
    """The version that was in force, when its text is still the one that the event sealed."""
    version = told.snapshot.get("version")
    row = dossier.snapshots.filter(version=version).first() if version else None
    return row if row is not None and row.digest == told.snapshot["digest"] else None


def act_words(event: Event, process: schema.Process) -> str:
    """An event in words, with the stage it closed when it closed one."""
    said = label_of(event, "staff")
    stage = process.stages.get(event.stage)
    if stage is None or event.verb != f"{DOSSIER}.advance":
        return said
    return _("%(act)s : %(stage)s") % {"act": said, "stage": tr(stage.labels.staff)}


# --- decisions -----------------------------------------------------------------------------------------------
def decisions_at(call: Call, at: datetime) -> list[tuple[Decision, dict[str, Any]]]:
    """Decisions of a call that existed then, each with what stood of it."""
    rows = {row.pk: row for row in call.decisions.select_related("volet").order_by("number")}
    made = fold(lines_about("grants.decision", rows, at)).subjects
    return [(row, made[key]) for pk, row in rows.items() if (key := f"grants.decision:{pk}") in made]


# --- people ------------------------------------------------------------------------------------------------
def targets_of(call: Call) -> dict[str, str]:
    """What roles may be held on that reach a call, as events name it: programme, call, panels."""
    found = {
        f"grants.programme:{call.programme_id}": _("Programme"),
        f"grants.call:{call.pk}": _("Appel"),
    }
    for panel in Panel.objects.filter(call=call).order_by("code"):
        found[f"review.panel:{panel.pk}"] = tr(panel.name)
    return found


def role_events(targets: Iterable[str]) -> QuerySet[Event]:
    """Events of the site that gave or took a role on one of these things."""
    about = Q(pk__in=[])
    for target in targets:
        about |= Q(line__contains=f'"on":"{target}"')
    verbs = [f"accounts.user.{verb}" for verb in ("grant", "revoke")]
    return Event.objects.filter(about, chain=SITE, verb__in=verbs).order_by("n")


def suspensions(people: Iterable[int]) -> QuerySet[Event]:
    """Events that suspended or reinstated these people."""
    verbs = [f"accounts.user.{verb}" for verb in ("suspend", "reinstate")]
    return Event.objects.filter(
        chain=SITE, verb__in=verbs, subject_type="accounts.user", subject_id__in=list(people)
    ).order_by("n")


def mandate_events(organisations: Iterable[str]) -> QuerySet[Event]:
    """Events of the mandates of some organisations (`qc:31056`)."""
    about = Q(pk__in=[])
    for code in organisations:
        about |= Q(line__contains=f'"organisation":"{code}"')
    verbs = [f"accounts.membership.{verb}" for verb in MANDATE_VERBS]
    return Event.objects.filter(about, chain=SITE, verb__in=verbs).order_by("n")


def roles_at(call: Call, at: datetime, *, is_now: bool) -> list[Held]:
    """Who held which role on the programme, the call and its panels; now, rows without event are told too."""
    targets = targets_of(call)
    given = list(role_events(targets).filter(at__lte=at).values_list("line", "subject_id"))
    out = suspensions({pk for _line, pk in given}).filter(at__lte=at).values_list("line", flat=True)
    made = fold([*(line for line, _pk in given), *out]).told()["roles"]
    known = {(one["person"], one["role"], one["on"]) for one in made}
    bare = [one for one in _rows(targets) if one[:3] not in known] if is_now else []
    names = people_names(
        [*(one["person"] for one in made), *(one["by"] for one in made), *(o[0] for o in bare)]
    )
    labels = role_labels()
    found = [
        Held(
            names.get(one["person"], one["person"]),
            _(labels.get(one["role"], one["role"])),
            targets[one["on"]],
            instant(one["since"]),
            names.get(one["by"], one["by"]),
            one["suspended"],
        )
        for one in made
    ]
    found += [
        Held(
            names.get(who, who),
            _(labels.get(role, role)),
            targets[on],
            since,
            "",
            suspended=False,
            traced=False,
        )
        for who, role, on, since in bare
    ]
    return sorted(found, key=lambda one: (list(targets.values()).index(one.on), one.role, fold_name(one.who)))


def _rows(targets: Iterable[str]) -> list[tuple[str, str, str, datetime]]:
    """The role tables as they are now: person, role, thing, since."""
    from accounts.permissions import role_models, subject_of

    wanted: dict[str, list[int]] = {}
    for target in targets:
        kind, _colon, pk = target.partition(":")
        wanted.setdefault(kind, []).append(int(pk))
    tables = {subject_of(table)._meta.label_lower: table for table in role_models()}
    parts = [
        tables[kind]
        ._default_manager.filter(content_object_id__in=keys)
        .annotate(kind=Value(kind, output_field=CharField()))
        .order_by()
        .values_list("user_id", "permission__codename", "kind", "content_object_id", "granted_at")
        for kind, keys in wanted.items()
    ]
    rows = parts[0].union(*parts[1:], all=True)
    return [(f"user:{person}", code, f"{kind}:{pk}", since) for person, code, kind, pk, since in rows]


def role_labels() -> dict[str, str]:
    """The names of roles, as they are declared; those of a person in words for everybody."""
    from grants.models import Programme

    return {**declared_roles(Programme), **declared_roles(Call), **declared_roles(Panel), **FOR_EVERYBODY}


def people_names(actors: Iterable[str]) -> dict[str, str]:
    """Names of actors (`user:7`, `system:release`), in one statement."""
    codes = set(actors)
    found = {
        code: system_actor_label(code.removeprefix("system:")) for code in codes if code.startswith("system:")
    }
    keys = {int(code[5:]) for code in codes if code.startswith("user:")}
    for person in get_user_model()._default_manager.filter(pk__in=keys):
        found[f"user:{person.pk}"] = str(person)
    return found


@dataclass(frozen=True)
class Hand:
    """Somebody's part in a dossier as it stood."""

    who: str
    what: str
    since: datetime
    state: str = "done"


def hands_at(
    dossier: Dossier, given: Mapping[int, Assignment], events: Iterable[Event], at: datetime
) -> list[tuple[str, str, str, str]]:
    """Who was of the dossier then, as person, part, since, state: municipality, analyst, reviewers, recusals."""
    bodies = {
        f"{one.organisation.scheme}:{one.organisation.code}": one.organisation.name
        for one in dossier.bodies.select_related("organisation")
    }
    lines = list(mandate_events(bodies).filter(at__lte=at).values_list("line", flat=True))
    made = fold([*lines, *(one.line for one in events)])
    told = made.subjects.get(f"{DOSSIER}:{dossier.pk}", {})
    parts: list[tuple[str, str, str, str]] = []  # who, what, since, state
    for row in made.mandates.values():
        word = _mandate_words(row)
        parts.append((row["person"], f"{word}, {bodies[row['organisation']]}", row["since"], "done"))
    if "analyst" in told:
        parts.append((told["analyst"], _("Responsable du dossier"), told["since"], "done"))
    for pk, assignment in given.items():
        subject = made.subjects.get(f"review.assignment:{pk}")
        if subject and subject["state"] in ("offered", "accepted"):
            word = _("Évaluation acceptée") if subject["state"] == "accepted" else _("Évaluation proposée")
            parts.append((f"user:{assignment.reviewer_id}", word, subject["since"], "now"))
    for out in made.recusals.values():
        person = out["person"]
        if person.startswith("review.assignment:"):
            person = f"user:{given[int(person.partition(':')[2])].reviewer_id}"
        parts.append((person, _("En récusation"), out["since"], "ko"))
    return parts


def _mandate_words(row: Mapping[str, Any]) -> str:
    words = str(dict(MembershipRole.choices).get(row["role"], row["role"]))
    return words if row["status"] == "confirmed" else _("%(role)s, mandat à confirmer") % {"role": words}
