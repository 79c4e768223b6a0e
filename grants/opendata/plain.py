"""A funded project in short sentences that the product makes from its fields: who, what, where, how much, when.

Nothing is supposed: a field that says nothing has no sentence.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from grants import publication
from grants.models import Award
from web import formats
from web.formats import tr


def day(value: Any) -> date | None:
    """A day as an answer writes it."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def dates(award: Award) -> tuple[date | None, date | None]:
    """The planned start and end; an end that is not after the start is not one."""
    answers = publication.public_answers(award)
    start, end = day(answers.get("start")), day(answers.get("end"))
    return start, end if start is None or end is None or end > start else None


def rate(award: Award) -> int | None:
    """The share of the aid in the costs kept, in whole percents."""
    return (award.amount * 100 + award.kept_costs // 2) // award.kept_costs if award.kept_costs else None


def sentences(award: Award, region: str) -> list[str]:
    """The project in plain words, in the reader's language."""
    made = [
        _("%(body)s réalise le projet « %(title)s ».") % {"body": award.beneficiary, "title": award.title}
    ]
    if region:
        made.append(_("Cet organisme est dans la région suivante : %(region)s.") % {"region": region})
    themes = publication.theme_labels(award)
    if themes:
        made.append(_("Le projet touche : %(themes)s.") % {"themes": ", ".join(themes)})
    made.append(_money(award))
    made.append(
        _("L’aide vient de l’appel %(call)s. Elle est publique depuis le %(day)s.")
        % {"call": tr(award.call.title), "day": formats.date_long(award.publish_at)}
    )
    return made + _when(*dates(award))


def _money(award: Award) -> str:
    share = rate(award)
    if share is None:
        return _("Le ministère lui accorde au plus %(aid)s.") % {"aid": formats.money(award.amount)}
    return _(
        "Le ministère lui accorde au plus %(aid)s, soit %(rate)s des coûts retenus, qui sont de %(costs)s."
    ) % {
        "aid": formats.money(award.amount),
        "rate": formats.percent(share),
        "costs": formats.money(award.kept_costs),
    }


def _when(start: date | None, end: date | None) -> list[str]:
    if start and end:
        words = {"start": formats.date_long(start), "end": formats.date_long(end)}
        return [_("Le projet doit commencer le %(start)s et finir le %(end)s.") % words]
    if start:
        return [_("Le projet doit commencer le %(start)s.") % {"start": formats.date_long(start)}]
    return [_("Le projet doit finir le %(end)s.") % {"end": formats.date_long(end)}] if end else []
