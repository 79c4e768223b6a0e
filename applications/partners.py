"""The bodies of a joint project: who confirmed its part, what stands against filing, what a departure changes.

A question of type `partners` says what a call demands: `"min_bodies": {VOLET: n}` (the lead counts) and
`"all_confirmed": true`. Everything else is read from the `Body` rows of the dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications.tables import Table
from web import formats

PENDING, CONFIRMED, DECLINED = "pending", "confirmed", "declined"
WORDS = {
    PENDING: gettext_lazy("À confirmer"),
    CONFIRMED: gettext_lazy("Confirmé"),
    DECLINED: gettext_lazy("Refusé"),
}
SIGNS = {PENDING: "now", CONFIRMED: "ok", DECLINED: "ko"}


def key(body: Any) -> str:
    """`qc:31056`."""
    return f"{body.organisation.scheme}:{body.organisation.code}"


def stands(body: Any) -> bool:
    """Whether the body is still part of the project: it neither declined nor left."""
    return bool(body.role == "lead" or body.confirmation != DECLINED)


def facts_of(bodies: Iterable[Any], lead_number: Any) -> dict[str, list[str]]:
    """`partners_confirmed` and `resolutions`, the lead among them: it confirms by filing, its own is an answer."""
    rows = [one for one in bodies if stands(one)]
    return {
        "partners_confirmed": [
            key(one) for one in rows if one.role == "lead" or one.confirmation == CONFIRMED
        ],
        "resolutions": [
            key(one) for one in rows if (lead_number if one.role == "lead" else one.resolution.get("number"))
        ],
    }


def shown(bodies: Iterable[Mapping[str, Any]], lang: str | None = None) -> Table:
    """The bodies as they were frozen, in words: who, what it does, its share, what it confirmed."""
    rows = []
    for one in bodies:
        is_lead = one.get("role") == "lead"
        resolution = one.get("resolution") or {}
        said = _("Responsable") if is_lead else str(WORDS.get(str(one.get("confirmation")), ""))
        number = str(resolution.get("number") or "")
        if number and resolution.get("kind") == "provisional":
            number = _("%(number)s (provisoire)") % {"number": number}
        share = int(one.get("share") or 0)
        money = formats.money(share, lang) if share else ""
        rows.append((str(one["name"]), str(one.get("part") or ""), money, said, number))
    heads = (
        (_("Organisme"), False),
        (_("Ce qu’il fait"), False),
        (_("Part des coûts"), True),
        (_("Participation"), False),
        (_("Résolution"), False),
    )
    return Table(heads, tuple(rows))


def question_of(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The question of type `partners` of a form, nothing when the call has no joint projects."""
    for section in content["form"]["sections"]:
        for one in section["questions"]:
            if one["type"] == "partners":
                return dict(one)
    return None


def faults(content: Mapping[str, Any], volet: str, bodies: Iterable[Any]) -> list[str]:
    """What stands against filing, a sentence each."""
    question = question_of(content)
    rows = [one for one in bodies if one.role != "lead"]
    if question is None:
        return []
    rows = [one for one in rows if one.left_at is None]  # gone after a filing: another filing goes without it
    found = [_answer_words(one) for one in rows if one.confirmation == DECLINED]
    if question.get("all_confirmed"):
        found += [_answer_words(one) for one in rows if one.confirmation == PENDING]
    least = int((question.get("min_bodies") or {}).get(volet, 1))
    count = 1 + sum(one.confirmation != DECLINED for one in rows)
    if count < least:
        words = _("Ce volet demande au moins %(least)s organismes, le responsable compris : il y en a %(n)s.")
        found.append(words % {"least": least, "n": count})
    return found


def orphans(budget: Any, bodies: Iterable[Any]) -> dict[str, int]:
    """Bodies at whose name the budget has costs though they are no longer in the project: how many lines of each."""
    lines = budget.get("lines", []) if isinstance(budget, Mapping) else []
    held = {key(one) for one in bodies if stands(one)}
    found: dict[str, int] = {}
    for one in lines:
        code = one.get("partner")
        if code and code not in held:
            found[code] = found.get(code, 0) + 1
    return found


def orphan_words(budget: Any, bodies: Iterable[Any]) -> list[str]:
    """A sentence for each body that left costs behind it in the budget."""
    rows = list(bodies)
    named = {key(one): str(one.organisation.name) for one in rows}
    found = []
    for code, count in orphans(budget, rows).items():
        words = ngettext(
            "%(n)s dépense du budget est au nom de %(name)s, qui n’est plus du projet : confiez-la à un autre "
            "organisme ou retirez-la.",
            "%(n)s dépenses du budget sont au nom de %(name)s, qui n’est plus du projet : confiez-les à un autre "
            "organisme ou retirez-les.",
            count,
        )
        found.append(words % {"n": count, "name": named.get(code) or _name_of(code, rows)})
    return found


def _name_of(code: str, bodies: list[Any]) -> str:
    """The name of an organisation that is no body of the dossier any more; its code when it is not known."""
    scheme, _colon, number = code.partition(":")
    for one in bodies[:1]:
        rows = type(one.organisation)._default_manager.filter(scheme=scheme, code=number)
        return str(rows.values_list("name", flat=True).first() or number)
    return number


def _answer_words(body: Any) -> str:
    named = {"name": body.organisation.name}
    if body.confirmation == DECLINED:
        return (
            _("%(name)s a refusé de participer : retirez cet organisme ou demandez-lui de nouveau.") % named
        )
    if body.asked_at is None:
        return _("%(name)s n’a pas encore confirmé sa participation.") % named
    when = formats.date_long(formats.local(body.asked_at))
    return _("%(name)s n’a pas encore confirmé sa participation, demandée le %(when)s.") % {
        **named,
        "when": when,
    }
