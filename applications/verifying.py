"""Acts of the ministry that move no state: findings confirmed, aid confirmed, an analyst named, a file withheld."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from applications import checking, fields, keeping, kept, rules
from applications.actions import files
from applications.kept import Line
from applications.models import Attachment, Dossier, Finding
from grants.rules import has_call_role
from web import clock
from workflows.engine import NotAllowed, Refused, fire, has_acted, locked, record, unit

ANSWERS = ("yes", "provisional", "no", "na")
AGREED = {"yes": "yes", "na": "na"}


def may_check(dossier: Dossier, user: Any) -> bool:
    """Holds the role that acts in the present stage, and nothing shuts this person out."""
    stage = checking.present_stage(dossier)
    return rules.has_stage_role(dossier, user, stage.actor) and _sees(dossier, user)


def may_resolve(finding: Finding, dossier: Dossier, user: Any) -> bool:
    """After the stage, an analyst notes that the final resolution behind a « yes for now » was received."""
    return (
        finding.confirmed == "provisional"
        and dossier.state in ("in_progress", "waitlisted")
        and has_call_role(user, dossier.call, "analyst")
        and _sees(dossier, user)
    )


def _sees(dossier: Dossier, user: Any) -> bool:
    return Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists()


def confirm(finding: Finding, answer: str, *, actor: Any, note: str = "") -> Finding:
    """Confirm one rule as yes, yes for now, no or not applicable; a departure from the proposal says why."""
    with unit(locks=[finding.snapshot.dossier]) as held:
        dossier: Dossier = locked(held, finding.snapshot.dossier)
        row = _open_finding(dossier, finding, actor)
        said = _faults(dossier, row, answer, note)
        if said:
            raise Refused(said)
        checking.write_finding(dossier, row, answer, note.strip(), actor)
    return row


def confirm_proposed(dossier: Dossier, *, actor: Any) -> int:
    """Confirm at once every finding proposed « yes » or « not applicable » that waits; how many."""
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        _require_rules_stage(row, actor)
        if row.snapshot is None:
            return 0
        waiting = row.snapshot.findings.filter(confirmed="", proposed__in=AGREED).order_by("rule")
        found = list(waiting)
        for one in found:
            checking.write_finding(row, one, AGREED[one.proposed], "", actor)
    return len(found)


def confirm_aid(
    dossier: Dossier,
    amount: int | None = None,
    *,
    actor: Any,
    reason: str = "",
    lines: Sequence[Line] = (),
    version: int | None = None,
) -> int:
    """Keep the computed aid, the one that less of some costs gives, or a lower one with the reason.

    Selection uses what is confirmed here; the input and the result of the computation are kept with the act.
    """
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        _require_rules_stage(row, actor)
        if version is not None and row.snapshot is not None and row.snapshot.version != version:
            raise Refused([_("Une nouvelle version du dossier a été déposée\u00a0: relisez son budget.")])
        filed = keeping.base(row)
        most, more = row.aid, dict[str, Any]()
        if filed is not None and row.snapshot is not None and (lines or filed.aid == row.aid):
            said = keeping.against(filed.input, lines, reason)
            if said:
                raise Refused(said)
            computed = kept.compute(filed.input, lines)
            most = computed["result"]["aid"]
            told = [one.told() for one in lines]
            more = {"version": row.snapshot.version, "lines": told, "costs": computed["result"]["kept"]}
            more |= {"input": computed["input"], "result": kept.figures(computed["result"])}
        dollars = most if amount is None else amount
        said = _against_aid(dollars, most, reason)
        if said:
            raise Refused(said)
        checking.keep_aid(row, dollars, reason.strip(), actor, **more)
    return dollars


def _against_aid(dollars: int, most: int, reason: str) -> list[str]:
    """What stands against confirming this aid when the costs that are kept give `most`."""
    if most <= 0:
        return [
            _(
                "Ces montants ne donnent aucune aide\u00a0: si c’est bien le cas, une règle d’admissibilité le dit."
            )
        ]
    if not 0 < dollars <= most:
        return [_("L’aide confirmée est d’au plus l’aide calculée, et d’au moins 1\u00a0$.")]
    if dollars != most and not reason.strip():
        return [_("Dites pourquoi l’aide confirmée n’est pas l’aide calculée.")]
    return []


def name_analyst(dossier: Dossier, analyst: Any, *, actor: Any) -> None:
    """Say who follows the dossier: the manager, or an analyst who takes it."""
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        takes = analyst.pk == actor.pk and has_call_role(actor, row.call, "analyst")
        if not (takes or has_call_role(actor, row.call, "manager")) or not _sees(row, actor):
            raise NotAllowed("only a manager names an analyst; an analyst may take a dossier")
        if not has_call_role(analyst, row.call, "analyst"):
            raise Refused([_("Cette personne n’est pas analyste de l’appel.")])
        if row.analyst_id == analyst.pk:
            return
        row.analyst = analyst
        row.save(update_fields=["analyst"])
        record(row, "name_analyst", actor=actor, analyst=analyst.pk)


def withhold(attachment: Attachment, *, actor: Any, by: str = "", note: str = "") -> bool:
    """Withhold an infected file and ask for it again where the stage allows; the filing date stands."""
    reason = _(
        "Le fichier « %(name)s » porte un logiciel malveillant et a été retenu : joignez-en un autre."
    ) % {"name": attachment.name}
    with unit(locks=[attachment.dossier]) as held:
        dossier: Dossier = locked(held, attachment.dossier)
        if not files.mark_infected(attachment, actor=actor, by=by, note=note):
            return False
        _ask_again(dossier, attachment.slot, reason, actor)
    return True


def _ask_again(dossier: Dossier, slot: str, reason: str, actor: Any) -> None:
    """Add the slot to the open request, or make one; elsewhere staff read a notice and decide.

    Before the closing the municipality files again by itself: the check page names the file.
    """
    if clock.now() <= dossier.call.closes_at or not _is_filed(dossier, slot):
        return
    if dossier.state == "with_applicant":
        request = dossier.completion_requests.filter(closed_at__isnull=True).first()
        if request is not None:
            item, made = request.items.get_or_create(question=slot, defaults={"reason": reason})
            if not made:
                item.reason = f"{item.reason}\n{reason}"
                item.save(update_fields=["reason"])
    elif dossier.state == "in_progress" and checking.asks_for_more(checking.present_stage(dossier)):
        fire(dossier, "send_back", actor=actor, items={slot: reason})


def _is_filed(dossier: Dossier, slot: str) -> bool:
    """Whether the version in force has files in this slot."""
    return dossier.snapshot is not None and any(
        one["slot"] == slot for one in json.loads(dossier.snapshot.text)["files"]
    )


# --- inside the unit ------------------------------------------------------------------------------------
def _require_rules_stage(dossier: Dossier, actor: Any) -> None:
    if not may_check(dossier, actor):
        raise NotAllowed("only the stage's actor confirms findings")
    stage = checking.present_stage(dossier)
    said: list[str] = []
    if dossier.state != "in_progress" or not checking.judges_rules(stage):
        said.append(_("Les règles se confirment à l’étape de l’admissibilité seulement."))
    elif clock.now() <= dossier.call.closes_at:
        said.append(_("Les demandes se lisent après la fermeture de l’appel."))
    elif stage.other_than and has_acted(dossier, actor, stage.other_than):
        said.append(_("Une autre personne que celle qui a vérifié le dossier doit faire cet acte."))
    if said:
        raise Refused(said)


def _open_finding(dossier: Dossier, finding: Finding, actor: Any) -> Finding:
    """The fresh finding, refused when the dossier left the stage or has a newer version."""
    fresh = Finding.objects.get(pk=finding.pk)
    if not may_resolve(fresh, dossier, actor):
        _require_rules_stage(dossier, actor)
    if finding.snapshot_id != dossier.snapshot_id:
        raise Refused(
            [_("Une nouvelle version du dossier a été déposée : relisez les règles sur cette version.")]
        )
    return fresh


def _faults(dossier: Dossier, finding: Finding, answer: str, note: str) -> list[str]:
    if answer not in ANSWERS:
        return [_("Choisissez une réponse.")]
    said: list[str] = []
    is_later = not checking.judges_rules(checking.present_stage(dossier))
    if is_later and answer != "yes":
        said.append(_("Après l’admissibilité, on ne note plus que la réception de la résolution finale."))
    if answer == "provisional" and finding.rule not in provisional_rules(dossier):
        said.append(_("Cette règle ne se confirme pas à titre provisoire."))
    departs = finding.proposed in ("yes", "no", "na") and answer != finding.proposed
    if not note.strip() and (answer in ("no", "provisional") or departs or is_later):
        said.append(
            _("Dites sur quoi vous vous fondez : le constat est gardé et peut être cité dans une lettre.")
        )
    return said


def provisional_rules(dossier: Dossier) -> set[str]:
    """Rules that may be confirmed for now: those that read a resolution."""
    content = dossier.edition.content
    roles = {one.code: one.role for one in fields.questions(content)}
    return {one["id"] for one in content["rules"] if checking.may_be_provisional(one, roles)}
