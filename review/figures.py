"""What review tells the cockpit of a call: sheets of each panel, money promised on each envelope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from grants import cockpit
from grants.cockpit import Figure
from grants.models import Call
from grants.rules import knows_decision
from review.models import Panel
from review.views.engaged import engaged
from review.views.panels import coverage, situations
from web import formats


def register() -> None:
    """Called once, when the site starts."""
    cockpit.register_figures("20 panels", panel_figures)
    cockpit.register_figures("40 money", money_figures)


def panel_figures(user: Any, call: Call) -> Iterable[Figure]:
    """For those who follow a panel: which dossiers have their sheets, which miss some, which diverge."""
    panels = (
        Panel.objects.followed_by(user).filter(call=call).select_related("volet").order_by("volet__position")
    )
    for panel in panels:
        panel.call = call  # read with its edition and definition already
        tests = situations(panel.volet.sheets_required)
        counts = coverage(panel, user).aggregate(
            **{key: Count("pk", filter=test) for key, test in tests.items()}
        )
        group = _("%(panel)s, %(volet)s") % {
            "panel": formats.tr(panel.name),
            "volet": formats.tr(panel.volet.label),
        }
        here = reverse("panel", args=[panel.pk])
        words = {
            "pret": _("Dossiers dont les fiches sont toutes remises"),
            "incomplet": _("Dossiers à qui il manque des fiches"),
            "sans": _("Dossiers confiés à personne"),
            "divergent": _("Divergences à régler"),
        }
        for key, label in words.items():
            presses = key in ("sans", "divergent") and counts[key]
            yield Figure(
                label, counts[key], f"{here}?vue={key}", state="warn" if presses else "", group=group
            )


def money_figures(user: Any, call: Call) -> Iterable[Figure]:
    """Envelope, promised, reserves and what is left of each volet; what is promised for who knows decisions."""
    knows = knows_decision(user, call)
    spent = _spent(user, call) if knows else {}
    settings, listed = reverse("manage_money", args=[call.code]), reverse("engagements")
    for volet in call.volets.all():
        line = getattr(volet, "budget_line", None)
        if line is None:
            continue
        group = _("Argent, %(volet)s") % {"volet": formats.tr(volet.label)}
        yield Figure(
            _("Enveloppe"), line.amount, f"{settings}#volet-{volet.code}", group=group, is_money=True
        )
        if not knows:
            continue
        by_source = {source: dollars for (key, source), dollars in spent.items() if key == volet.pk}
        rows = f"{listed}?appel={call.code}&volet={volet.pk}"
        seen = sum(by_source.values())
        hidden = line.committed - seen
        note = (
            _("Et %(sum)s que vous ne lisez pas : récusation.") % {"sum": formats.money(hidden)}
            if hidden
            else ""
        )
        yield Figure(_("Engagé"), seen, rows, note=note, group=group, is_money=True)
        for reserve in volet.reserves:
            given = by_source.get(reserve["name"], 0)
            label = _("Réserve, %(name)s") % {"name": formats.tr(reserve["label"])}
            note = _("engagés sur %(sum)s") % {"sum": formats.money(reserve["amount"])}
            yield Figure(
                label, given, f"{rows}&source={reserve['name']}", note=note, group=group, is_money=True
            )
        left = _("L’enveloppe moins ce qui est engagé.")
        yield Figure(_("Libre"), line.amount - line.committed, note=left, group=group, is_money=True)


def _spent(user: Any, call: Call) -> dict[tuple[int, str], int]:
    """Dollars promised by volet and part of the envelope: one statement."""
    rows = engaged(user).filter(decision__call=call).order_by().values_list("decision__volet_id", "source")
    return {(volet, source): int(total) for volet, source, total in rows.annotate(total=Sum("amount"))}
