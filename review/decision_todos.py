"""What decisions ask of people: prepare, sign, release, answer an offer; and their words in timelines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import holds_anywhere
from grants.models import Award, Decision, Volet
from grants.rules import DECISION_ROLES, calls_with
from review import deciding
from review.models import Panel
from web import clock, nav
from web.formats import tr
from web.home import Todo, register_todo
from workflows import providers
from workflows.vocabulary import declare_event, declare_verbs

EVENTS = {
    "grants.decision.draft": gettext_lazy("Décision préparée"),
    "grants.decision.edit_line": gettext_lazy("Ligne de la décision changée"),
    "grants.decision.refer": gettext_lazy("Autorisation inscrite sur une ligne"),
    "grants.decision.file_read": gettext_lazy("Document d’une autorisation lu"),
    "grants.decision.set_instants": gettext_lazy("Instants de la décision changés"),
}
AWARD_EVENTS = {
    "grants.award.confirm": gettext_lazy("Offre confirmée"),
    "grants.award.decline": gettext_lazy("Renonciation à l’aide"),
    "grants.award.lapse": gettext_lazy("Offre tombée, sans réponse dans le délai"),
}


def decision_todos(user: Any) -> Iterable[Todo]:
    """For the manager: prepare, take back, release; for the authority: sign, confirm the release."""
    managed, signs = calls_with(user, "manager"), calls_with(user, "authority")
    if not managed and not signs:
        return
    rows = Decision.objects.filter(call__in=managed | signs).exclude(state="released").select_related("call")
    for one in rows:
        text, rank = _asked(one, one.call_id in managed, one.call_id in signs)
        if text:
            yield Todo(
                group=_("Décisions"),
                who=tr(one.call.title),
                text=text,
                url=reverse("decision", args=[one.pk]),
                since=one.signed_at or one.created_at,
                due=one.letters_at if one.state == "signed" else None,
                note=_("décision nᵒ %(n)s") % {"n": one.number},
                act=_("Ouvrir"),
                state="warn" if one.state == "signed" and one.letters_at < clock.now() else "now",
                rank=rank,
            )
    yield from _to_prepare(managed)


def _to_prepare(managed: Any) -> Iterable[Todo]:
    """Decisions that nobody has begun: of a frozen ranking, of money that came back, of a list that is over."""
    decided = Decision.objects.filter(kind="main", call__in=managed).values("volet_id")
    ready = Panel.objects.filter(call__in=managed, state="locked").exclude(volet__in=decided)
    volets = Volet.objects.filter(call__in=managed)
    told = [
        (
            panel.volet,
            _("la recommandation est figée : la décision est à préparer"),
            panel.locked_at or clock.now(),
        )
        for panel in ready.select_related("call", "volet__call")
    ]
    back = _("de l’argent est revenu et des demandes attendent : offrez-le à la liste d’attente")
    told += [(volet, back, clock.now()) for volet in deciding.money_back(volets)]
    over = _("la liste d’attente a pris fin : les demandes qui attendent encore sont à refuser")
    told += [(volet, over, _end_of(volet)) for volet in deciding.past_their_list(volets)]
    for volet, text, since in told:
        yield Todo(
            group=_("Décisions"),
            who=tr(volet.call.title),
            text=text,
            url=reverse("decisions"),
            since=since,
            note=tr(volet.label),
            act=_("Préparer"),
            rank=20,
        )


def _end_of(volet: Volet) -> datetime:
    """The end of the last day of its waiting list."""
    assert volet.call.waiting_valid_until is not None
    return datetime.combine(volet.call.waiting_valid_until + timedelta(days=1), time(), clock.EASTERN)


def _asked(one: Decision, is_managed: bool, is_signed_by: bool) -> tuple[str, int]:
    """What this state asks of this person, with its rank; nothing when it waits for somebody else."""
    if one.state in ("draft", "returned") and is_managed:
        return (
            _("à reprendre, l’autorité l’a renvoyée")
            if one.state == "returned"
            else _("à proposer à l’autorité")
        ), 20
    if one.state == "proposed" and is_signed_by:
        return _("attend votre signature"), 10
    if one.state != "signed":
        return "", 0
    asked = one.has_approval("release_manager")
    if is_managed and one.letters_at < clock.now():
        return _("l’instant des lettres est passé sans libération : rien n’est parti"), 5
    if is_managed and not asked:
        return _("est signée : demandez la libération"), 15
    if is_signed_by and asked:
        return _("attend que vous confirmiez la libération"), 10
    return "", 0


def award_todos(user: Any) -> Iterable[Todo]:
    """For the beneficiary: offers that wait for an answer; full aid asks for none."""
    rows = Award.objects.visible_to(user).filter(
        state="offered",
        confirm_by__isnull=False,
        organisation__memberships__user=user.pk,
        organisation__memberships__role="signatory",
        organisation__memberships__status="confirmed",
    )
    for one in rows.select_related("call"):
        yield Todo(
            group=_("Offres d’aide"),
            who=one.title,
            text=_("une offre partielle attend votre réponse")
            if one.partial
            else _("une aide vous est accordée"),
            url=reverse("award", args=[one.pk]),
            since=one.letters_at,
            due=one.confirm_by,
            note=one.dossier_number,
            act=_("Répondre"),
            state="warn" if one.partial else "accepted",
            rank=10,
        )


def award_panel(dossier: Any, user: Any) -> dict[str, Any] | None:
    """On the page of a dossier that received an offer: its amount, its state, the way to its page."""
    if dossier.state != "accepted":
        return None
    found = Award.objects.visible_to(user).filter(dossier_id=dossier.pk).order_by("-pk").first()
    return None if found is None else {"template": "review/award_panel.html", "award": found}


def register() -> None:
    """Tell the home, the head, the timelines and the page of a dossier."""
    providers.register_panel("applications.Dossier", award_panel, "award", order=20)
    register_todo("decisions", decision_todos)
    register_todo("awards", award_todos)
    nav.register(
        gettext_lazy("Décisions"),
        "decisions",
        face="staff",
        predicate=lambda user: bool(user) and user.is_authenticated and holds_anywhere(user, *DECISION_ROLES),
        order=60,
        prefixes=("decision",),
    )
    declare_verbs(Decision, "staff")
    declare_event("grants.award.offer", gettext_lazy("Aide offerte"))
    for verb, words in AWARD_EVENTS.items():
        declare_event(verb, words, audience="all", shows_text=True)
    declare_verbs(Award, "all")
    for verb, words in EVENTS.items():
        declare_event(verb, words)
