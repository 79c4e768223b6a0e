"""The machine of a panel: its lock freezes the ranking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from review import meetings, ranking, rules
from web import clock
from workflows import engine
from workflows.actors import Actor, SystemActor
from workflows.lifecycle import Data, LockTarget, Subject, verb


class PanelState(models.TextChoices):
    """States of a panel."""

    OPEN = "open"
    LOCKED = "locked"  # sheets stand, the ranking is frozen


def _rows(name: str) -> Any:
    return apps.get_model(name)._default_manager


def every_dossier_is_before_the_committee(panel: Any, actor: Actor, data: Data) -> str:
    """The dossiers of the volet have all left the stages before the committee."""
    process = panel.process()
    first = process.first_of("panel")
    done = {code for code in panel.open_stages() if process.stage(code).kind.code != "review"}
    rows = _rows("applications.Dossier").filter(call_id=panel.call_id, volet_id=panel.volet_id)
    before = Q(state__in=("in_progress", "with_applicant")) & ~Q(stage__in=done)
    held = Q(state="in_progress", stage=first.code if first else None)
    found = rows.aggregate(waiting=Count("pk", filter=before), held=Count("pk", filter=held))
    if not found["held"]:
        return _("Aucun dossier n’est devant le comité.")
    if not found["waiting"]:
        return ""
    return _("Dossiers qui ne sont pas encore devant le comité : %(n)s.") % {"n": found["waiting"]}


def every_sheet_is_in(panel: Any, actor: Actor, data: Data) -> str:
    """No sheet that counts is still being written."""
    drafts = _rows("review.Sheet").filter(
        assignment__panel_id=panel.pk, assignment__state="accepted", state="draft"
    )
    names = _named(_dossiers(drafts.values("assignment__dossier")), actor)
    return _("Fiches encore ouvertes : %(list)s.") % {"list": names} if names else ""


def every_declaration_is_judged(panel: Any, actor: Actor, data: Data) -> str:
    """Nothing that was declared « to examine » waits."""
    rows = panel.assignments.filter(state="offered", declaration="to_examine")
    names = _named(_dossiers(rows.values("dossier")), actor)
    return _("Déclarations à examiner : %(list)s.") % {"list": names} if names else ""


def _dossiers(keys: Any) -> Any:
    return _rows("applications.Dossier").filter(pk__in=keys).order_by("number")


def _readable(rows: Any, actor: Actor) -> list[Any]:
    """These dossiers, those from which this person is recused marked (`is_shut`)."""
    if isinstance(actor, SystemActor):
        return list(rows.annotate(is_shut=Exists(_rows("review.Recusal").none())))
    mine = _rows("review.Recusal").filter(user_id=actor.pk, lifted_at__isnull=True, dossier_id=OuterRef("pk"))
    return list(rows.annotate(is_shut=Exists(mine)))


def _list(dossiers: Iterable[Any]) -> str:
    """Numbers of dossiers; those that the person may not read are only counted."""
    found = list(dossiers)
    names = [one.number for one in found if not one.is_shut]
    hidden = len(found) - len(names)
    if hidden:
        names.append(_("%(n)s que vous ne lisez pas") % {"n": hidden})
    return ", ".join(names)


def _named(rows: Any, actor: Actor) -> str:
    return _list(_readable(rows, actor))


def every_dossier_is_judged(panel: Any, actor: Actor, data: Data) -> list[str]:
    """Each dossier before the committee has the sheets of its volet; its divergences a score agreed or a reason."""
    short = Q(sheets_done__lt=panel.volet.sheets_required)
    rows = ranking.dossiers_of(panel).select_related(None).filter(short | Q(divergent=True))
    found = _readable(rows, actor)
    lacking = _list(one for one in found if one.sheets_done < panel.volet.sheets_required)
    split = _list(one for one in found if one.divergent)
    return [
        _("Dossiers sans toutes leurs fiches : %(list)s.") % {"list": lacking} if lacking else "",
        _("Divergences à régler : %(list)s.") % {"list": split} if split else "",
    ]


def the_committee_met(panel: Any, actor: Actor, data: Data) -> str:
    """Where the call asks for a committee, a meeting with its quorum was closed on every dossier, and none is open."""
    if meetings.rule_of(panel) is None:
        return ""
    held = meetings.last_closed(panel)
    if held is None or panel.meetings.filter(state="open").exists():
        return _("Aucune séance du comité n’est close avec son quorum.")
    late = meetings.dossiers_before(panel).exclude(pk__in=held.items.values("dossier_id"))
    names = _named(late, actor)
    return _("Dossiers que la séance n’a pas étudiés : %(list)s.") % {"list": names} if names else ""


def the_chair_is_recused_of_none(panel: Any, actor: Actor, data: Data) -> str:
    """Who locks may read everything that is locked."""
    if isinstance(actor, SystemActor):
        return ""
    shut = _rows("review.Recusal").filter(
        user_id=actor.pk,
        lifted_at__isnull=True,
        dossier__volet_id=panel.volet_id,
        dossier__state="in_progress",
    )
    if not shut.exists():
        return ""
    return _(
        "Vous êtes en récusation sur un dossier de ce comité : une autre personne qui préside verrouille."
    )


def lock_targets(panel: Any, actor: Actor, data: Data) -> list[LockTarget]:
    """Entries, dossiers, assignments and sheets of the panel."""
    dossiers = _rows("applications.Dossier").filter(call_id=panel.call_id, volet_id=panel.volet_id)
    bodies = _rows("applications.Body").filter(dossier__in=dossiers)
    return [
        _rows("applications.Entry").filter(
            call_id=panel.call_id, organisation__in=bodies.values("organisation_id")
        ),
        dossiers.filter(state="in_progress"),
        panel.meetings.all(),
        panel.assignments.all(),
        _rows("review.Sheet").filter(assignment__panel_id=panel.pk),
    ]


class PanelLifecycle(Subject):
    """Verbs of a panel."""

    class Meta:
        abstract = True

    @verb(
        source=PanelState.OPEN,
        target=PanelState.LOCKED,
        who=lambda panel, user: rules.is_chair(user, panel),
        label=gettext_lazy("Verrouiller et figer le classement"),
        help=gettext_lazy(
            "Les fiches ne se rouvrent plus. Le classement et les propositions sont figés avec leur empreinte, "
            "puis transmis à la décision."
        ),
        guards=(
            every_dossier_is_before_the_committee,
            every_sheet_is_in,
            every_declaration_is_judged,
            every_dossier_is_judged,
            the_committee_met,
            the_chair_is_recused_of_none,
        ),
        locks=lock_targets,
    )
    def lock(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Freeze scoring, selection and their digest, and propose an outcome for each dossier."""
        panel: Any = self
        found = ranking.compute(panel)
        scored, case, result = found.texts()
        digest = ranking.digest_of(scored, case, result)
        now = clock.now()
        _rows("review.Recommendation").create(
            panel=panel,
            scoring=scored,
            input=case,
            result=result,
            digest=digest,
            frozen_at=now,
            frozen_by=actor,
        )
        panel.locked_at = now
        held = meetings.last_closed(panel) if meetings.rule_of(panel) is not None else None
        if held is not None:
            meetings.freeze(held, digest, found.scoring)
            _rows("review.Meeting").filter(pk=held.pk).update(body=held.body, digest=held.digest)
        process = panel.process()
        for dossier in found.dossiers:
            code = ranking.outcome_of(process.stage(dossier.stage), found.standing_of(dossier.number))
            engine.fire(dossier, "advance", actor=actor, outcome=code)
        return {"digest": digest, "dossiers": len(found.dossiers)}
