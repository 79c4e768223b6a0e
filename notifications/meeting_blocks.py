"""The part of the minutes that tells the meeting, from the very text that chair and secretary signed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from notifications.letters import document as model
from review import facts
from review.models import Meeting, Panel
from web import formats


def signed_meeting(panel: Panel) -> Meeting | None:
    """The meeting whose text was frozen by the lock of the panel; nothing where the call asks for none."""
    return panel.meetings.exclude(digest="").select_related("chair", "secretary").order_by("-pk").first()


def parts(meeting: Meeting, lang: model.Language) -> list[tuple[str, list[model.Block]]]:
    """Headings and blocks: the meeting, its items, the signatures."""
    told: dict[str, Any] = json.loads(meeting.body)
    return [
        (_("Séance et quorum"), _held(told, lang)),
        (_("Points étudiés"), _items(told, lang)),
        (_("Signatures"), _signatures(meeting, lang)),
    ]


def _held(told: dict[str, Any], lang: model.Language) -> list[model.Block]:
    there = [one["name"] for one in told["members"] if one["present"]]
    away = [one["name"] for one in told["members"] if not one["present"]]
    rows: tuple[tuple[str, model.CellContent], ...] = (
        (_("Jour"), formats.date_long(date.fromisoformat(told["held_on"]), lang)),
        (_("Lieu"), told["place"]),
        (_("Présidence"), told["chair"]),
        (_("Secrétariat"), told["secretary"]),
        (_("Membres présents"), ", ".join(there) or "–"),
        (_("Membres absents"), ", ".join(away) or "–"),
        (_("Quorum exigé"), formats.number(told["quorum"], lang=lang)),
    )
    return [model.facts(_("Séance du comité"), rows)]


def _items(told: dict[str, Any], lang: model.Language) -> list[model.Block]:
    lines = []
    for one in told["items"]:
        said = [one["note"]] if one["note"] else []
        said += [_("%(name)s a quitté la séance.") % {"name": name} for name in one["out"]]
        for move in one["moves"]:
            what = _("Total") if move["criterion"] == "total" else move["criterion"]
            mark = facts.shown_mark(move["mark"]) if move["mark"] else _("moyenne maintenue")
            words = _("%(what)s : %(mark)s. %(reason)s")
            said.append(words % {"what": what, "mark": mark, "reason": move["reason"]})
        score = facts.two_decimals(one["score"], lang)
        lines.append((model.Cell(one["dossier"], one["lead"]), score, " ".join(said) or "–"))
    columns = (
        model.Column(_("Dossier"), "header"),
        model.Column(pgettext("score", "Note"), "amount"),
        model.Column(_("Discussion, récusations et consensus")),
    )
    return [model.Table(_("Dossiers dans l’ordre de la discussion"), columns, tuple(lines))]


def _signatures(meeting: Meeting, lang: model.Language) -> list[model.Block]:
    words = {"chair": _("Présidence"), "secretary": _("Secrétariat")}
    rows = meeting.signatures.select_related("user").order_by("at", "pk")
    signed: list[tuple[str, model.CellContent]] = [
        (words[one.part], f"{one.user}, {formats.datetime_exact(one.at, lang)}") for one in rows
    ]
    digest = (model.Run(meeting.digest.removeprefix("sha256:"), digest=True),)
    return [model.facts(_("Signé à l’écran"), (*signed, (_("Empreinte SHA-256 du texte signé"), digest)))]
