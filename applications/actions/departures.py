"""A partner leaves after the filing; the ministry concludes: the project stands with a new aid, or is not eligible."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from applications import checking, departures, facts, kept, rules
from applications.actions.partners import partner_of, require_signatory
from applications.departures import INELIGIBLE, KEPT, NOTED
from applications.lifecycle import DossierState
from applications.models import Body, Dossier
from applications.models.dossier import Confirmation
from grants import freeing
from grants.rules import has_call_role
from web import clock, formats
from workflows.engine import NotAllowed, Refused, SystemActor, fire, locked, record, unit


# --- the partner --------------------------------------------------------------------------------------------
def leave(body: Body, reason: str, *, actor: Any) -> None:
    """A partner leaves: aid and rules are computed again without it, what was confirmed of them falls."""
    with unit(locks=[body.dossier]) as held:
        row: Dossier = locked(held, body.dossier)
        mine = partner_of(row, body)
        require_signatory(mine, actor)
        if row.state not in departures.LEAVING or mine.left_at is not None:
            raise Refused([_("Un partenaire se retire d’une demande déposée, avant qu’elle prenne fin.")])
        if not reason.strip():
            raise Refused([_("Dites pourquoi : le ministère et le responsable du projet liront ces mots.")])
        mine.confirmation, mine.reason, mine.left_at = Confirmation.DECLINED, reason.strip(), clock.now()
        mine.save()
        was = row.aid
        reopened = _compute_again(row)
        record(
            row,
            "partner_leave",
            actor=actor,
            text=reason.strip(),
            body=mine.pk,
            organisation=f"{mine.organisation.scheme}:{mine.organisation.code}",
            rules=reopened,
            aid_before=was,
            aid=row.aid,
            **_computation(row),
        )


def _computation(dossier: Dossier) -> dict[str, Any]:
    """What it takes to compute the aid of a departure again: the version, who left since, the input and the result."""
    snapshot = dossier.snapshot
    computed = snapshot.since.get("budget") if snapshot is not None else None
    if snapshot is None or not computed:
        return {}
    return {
        "version": snapshot.version,
        "left": departures.keys(dossier, facts.bodies_of(dossier)),
        "input": computed["input"],
        "result": kept.figures(computed["result"]),
    }


def _compute_again(dossier: Dossier) -> list[str]:
    """Write what is so since, beside the version; the confirmed aid and the findings that it changes fall.

    An award stands until a verb of its own changes it: after it, figures are only shown.
    """
    snapshot = dossier.snapshot
    if snapshot is None:
        return []
    dossier.__dict__.pop("_prefetched_objects_cache", None)
    snapshot.since = departures.since(dossier, facts.bodies_of(dossier))
    snapshot.save(update_fields=["since"])
    if dossier.state == DossierState.ACCEPTED:
        return []
    computed = snapshot.since.get("budget", {}).get("result")
    if computed:
        dossier.aid, dossier.kept_costs, dossier.confirmed_aid = computed["aid"], computed["kept"], None
        dossier.save(update_fields=["aid", "kept_costs", "confirmed_aid"])
    found = departures.reopened(dossier)
    for one in found:
        one.save()
    return [one.rule for one in found]


# --- the ministry -------------------------------------------------------------------------------------------
def answers_of(dossier: Dossier) -> tuple[str, ...]:
    """What may be concluded now of a departure; nothing before the rules are judged."""
    if dossier.state == DossierState.ACCEPTED:
        return (NOTED,)
    if dossier.state == DossierState.WAITLISTED:
        return (KEPT,)
    if dossier.state != DossierState.IN_PROGRESS or dossier.snapshot is None:
        return ()
    return (KEPT, INELIGIBLE) if dossier.snapshot.findings.exists() else ()


def may_conclude(dossier: Dossier, user: Any) -> bool:
    """The analyst; after the award, the manager."""
    role = "manager" if dossier.state == DossierState.ACCEPTED else "analyst"
    return has_call_role(user, dossier.call, role) and not rules.is_shut_out(dossier, user)


def conclude(dossier: Dossier, answer: str, words: str, *, amount: int | None = None, actor: Any) -> None:
    """Conclude on every departure that waits.

    `kept`: the project stands, with an aid of at most what is computed now. `ineligible`: the rules that say no are
    confirmed so, and the dossier comes back to the stage that judges them, where a refusal is proposed as any other.
    `noted`: after the award, money stays until a verb of the award frees it.
    """
    money = freeing.locks_of(dossier.pk) if answer == INELIGIBLE else []
    with unit(locks=[dossier, *money]) as held:
        row: Dossier = locked(held, dossier)
        if not may_conclude(row, actor):
            raise NotAllowed(f"user {actor.pk} does not conclude on departures of {row!r}")
        row.__dict__.pop("_prefetched_objects_cache", None)
        gone = departures.waiting(row, facts.bodies_of(row))
        said = _faults(row, gone, answer, words, amount)
        if said:
            raise Refused(said)
        now = clock.now()
        Body.objects.filter(pk__in=[one.pk for one in gone]).update(
            weighed=words.strip(), weighed_at=now, weighed_as=answer
        )
        record(
            row, "partner_weigh", actor=actor, text=words.strip(), answer=answer, bodies=[b.pk for b in gone]
        )
        if answer == KEPT and _has_aid(row):
            _keep(row, amount, words.strip(), actor)
        if answer in (KEPT, INELIGIBLE):
            _confirm_rules(row, answer, words.strip(), actor)
        if answer == INELIGIBLE and not checking.judges_rules(checking.present_stage(row)):
            fire(row, "take_back", actor=SystemActor("departure", actor))


def _faults(dossier: Dossier, gone: list[Any], answer: str, words: str, amount: int | None) -> list[str]:
    if not gone:
        return [_("Aucun départ n’attend de conclusion.")]
    allowed = answers_of(dossier)
    if not allowed:
        return [_("On conclut sur un départ une fois les règles d’admissibilité proposées.")]
    said = []
    if answer not in allowed:
        said.append(_("Choisissez une conclusion."))
    if not words.strip():
        said.append(_("Dites ce que vous concluez de ce départ et sur quoi vous vous fondez."))
    if answer == KEPT and _has_aid(dossier):
        most = most_of(dossier)
        if most <= 0:
            said.append(
                _("Sans cet organisme, aucune aide n’est possible : la demande n’est pas admissible.")
            )
        elif amount is None or not 0 < amount <= most:
            named = {"aid": formats.money(most)}
            said.append(
                _("L’aide maintenue est d’au moins 1 $ et d’au plus l’aide calculée, %(aid)s.") % named
            )
    if answer == INELIGIBLE and not said and not _refused(dossier):
        said.append(_("Aucune règle ne dit non sans cet organisme : la demande reste admissible."))
    return said


def _has_aid(dossier: Dossier) -> bool:
    """Whether the call computes an aid."""
    return bool(dossier.snapshot is not None and dossier.snapshot.since.get("budget")) or dossier.aid > 0


def most_of(dossier: Dossier) -> int:
    """The most that may be kept: the aid computed now, of the costs that an analyst had kept where one did."""
    if dossier.snapshot is None or not dossier.snapshot.since.get("budget"):
        return dossier.aid
    return int(departures.aid_now(dossier, departures.lines_kept(dossier))["result"]["aid"])


def _keep(dossier: Dossier, amount: int | None, words: str, actor: Any) -> None:
    """The aid is confirmed as any other: with its lines, its input and its result."""
    assert amount is not None
    assert dossier.snapshot is not None
    lines = departures.lines_kept(dossier)
    computed = departures.aid_now(dossier, lines)
    more: dict[str, Any] = {}
    if computed:
        more = {"version": dossier.snapshot.version, "lines": [one.told() for one in lines]}
        more |= {"costs": computed["result"]["kept"], "input": computed["input"]}
        more["result"] = kept.figures(computed["result"])
    checking.keep_aid(dossier, amount, words, actor, **more)


def _refused(dossier: Dossier) -> list[Any]:
    """Findings that the departure changed and that shut the dossier out."""
    return [
        one for one in _changed(dossier) if one.proposed == "no" and checking.is_ineligible(dossier, one.rule)
    ]


def _changed(dossier: Dossier) -> list[Any]:
    """Findings on rules whose verdict is no longer that of the filing."""
    assert dossier.snapshot is not None
    rules_changed = [now["id"] for _then, now in departures.changed(dossier)]
    return list(dossier.snapshot.findings.filter(rule__in=rules_changed).order_by("rule"))


def _confirm_rules(dossier: Dossier, answer: str, words: str, actor: Any) -> None:
    """The rules that the departure changed are confirmed with the conclusion, its words their ground."""
    for one in _changed(dossier):
        if one.confirmed:
            continue
        said = one.proposed if one.proposed in ("yes", "na") else "yes"
        if answer == INELIGIBLE and one.proposed == "no":
            said = "no"
        checking.write_finding(dossier, one, said, words, actor)
