"""What every page of a dossier shares: who reads it, its head, its life, its tabs, its verbs, whom to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from applications import checking, departures, rules, standing
from applications.lifecycle import process_of
from applications.models import Body, Dossier, Finding
from applications.panels import Tab
from applications.standing import Line
from grants.models import Award
from grants.rules import has_call_role, holds_anywhere
from web import clock, formats
from workflows import providers
from workflows.engine import Offer, available
from workflows.lifecycle import verbs_of
from workflows.schema import Face, Outcome, Stage
from workflows.vocabulary import Row, timeline

LABEL = "applications.Dossier"
CONFIRMED = ~Q(confirmed="")
SHORT = 6  # events beside a page
# Written on the page of the answers, never as a button of these pages.
ELSEWHERE = {"submit": "check", "resubmit": "check"}


@dataclass(frozen=True)
class Act:
    """A verb as a button: `reason` greys it."""

    name: str
    label: Any
    href: str
    reason: str = ""
    style: str = ""
    post: bool = False


@dataclass
class Frame:
    """One reader in front of one dossier."""

    request: HttpRequest
    dossier: Any
    face: Face
    current: str = ""
    now: Any = field(default_factory=clock.now)

    @property
    def user(self) -> Any:
        """Who reads."""
        return self.request.user

    @property
    def base(self) -> str:
        """The face of the page."""
        return "base_staff.html" if self.face == "staff" else "base_applicant.html"

    @cached_property
    def is_open(self) -> bool:
        """Whether this person reads the content: staff from the closing on."""
        return self.face == "applicant" or self.now > self.dossier.call.closes_at

    @cached_property
    def rows(self) -> list[Row]:
        """The events this person may read, newest first; those of an award with those of its dossier."""
        awards: Any = ()
        if self.dossier.readable_state == "accepted":
            awards = Award.objects.visible_to(self.user).filter(dossier_id=self.dossier.pk)
        return timeline(self.dossier, self.user, face=self.face, related=awards)

    @cached_property
    def sign(self) -> Any:
        """State and words."""
        return standing.sign_of(self.dossier, self.face)

    @cached_property
    def past(self) -> list[Line]:
        """What happened, in words."""
        return standing.told(self.dossier, self.rows, self.face)

    @cached_property
    def offers(self) -> list[Offer]:
        """The verbs this person may ask for."""
        return available(self.dossier, self.user, is_seen=True)

    @cached_property
    def lead(self) -> Any:
        """The body that leads."""
        return next((body for body in self.dossier.bodies.all() if body.role == "lead"), None)

    @property
    def reads_partners(self) -> bool:
        """Whether there are partners, and this person reads what they do: their people, the ministry."""
        side = self.face == "applicant" or rules.is_reader(self.dossier, self.user)
        return self.is_open and side and len(self.dossier.bodies.all()) > 1

    @property
    def gone(self) -> list[Any]:
        """Bodies that left and await a conclusion, for who reads of them."""
        if not self.reads_partners or self.dossier.readable_state in ("draft", "rejected", "withdrawn"):
            return []
        return departures.waiting(self.dossier, self.dossier.bodies.all())

    def is_ministry(self) -> bool:
        """Holds a role of the ministry on the call."""
        return self.face == "staff" and rules.is_reader(self.dossier, self.user)

    def context(self, **more: Any) -> dict[str, Any]:
        """What the templates of a dossier read."""
        dossier = self.dossier
        return {
            "frame": self,
            "base": self.base,
            "dossier": dossier,
            "call": dossier.call,
            "is_staff_face": self.face == "staff",
            "may_confirm": holds_anywhere(self.user, "manager"),
            "sign": self.sign,
            "lead": self.lead,
            "stages": standing.life(dossier, self.face, self.rows, self.now),
            "tabs": tabs(self),
            "acts": acts(self),
            "events": [*standing.coming(dossier, self.now)[-2:], *self.past[:SHORT]],
            "more": max(0, len(self.past) - SHORT),
            "panels": providers.panels(LABEL, dossier, self.user) if self.is_open else [],
            "crumbs": [
                (_("Dossiers"), reverse("dossiers")),
                (dossier.number or dossier.title or _("Brouillon"), ""),
            ],
            **more,
        }


def read(request: HttpRequest, pk: int, current: str) -> Frame:
    """The dossier as this person may see it; what is not visible does not exist."""
    now = clock.now()
    rows: Any = Dossier.objects.visible_to(request.user).with_readable_outcome(request.user, now)
    found = Finding.objects.filter(snapshot=OuterRef("snapshot")).order_by().values("snapshot")
    rows = rows.annotate(
        rules_found=Subquery(found.values(n=Count("pk"))),
        rules_confirmed=Subquery(found.filter(CONFIRMED).values(n=Count("pk"))),
    )
    dossier = get_object_or_404(
        rows.select_related(
            "call__programme", "volet", "edition__definition", "analyst", "snapshot"
        ).prefetch_related(
            Prefetch("bodies", Body.objects.select_related("organisation__region")), "attachments"
        ),
        pk=pk,
    )
    dossier.withheld = _withheld(dossier)
    return Frame(request, dossier, dossier.face_for(request.user), current, now)


def _withheld(dossier: Any) -> list[str]:
    """Names of the filed files found infected and not replaced since, from the files that every tab reads once."""
    if dossier.readable_state == "draft":
        return []
    files = dossier.attachments.all()
    return [one.name for one in files if one.scan == checking.INFECTED and one.removed_at is None]


# --- tabs -----------------------------------------------------------------------------------------------
def tabs(frame: Frame) -> list[Any]:
    """Parts this person gets, those of other apps among them."""
    dossier = frame.dossier
    made = [_tab(frame, "summary", _("Sommaire"), "dossier")]
    if frame.is_open and dossier.snapshot_id:
        made.append(_tab(frame, "content", _("Demande"), "dossier_content"))
        made.append(_tab(frame, "files", _("Pièces"), "dossier_files"))
    if frame.is_ministry() and frame.is_open:
        made += _checks(frame)
    if frame.reads_partners:
        made.append(_tab(frame, "partners", _("Partenaires"), "dossier_partners"))
    if frame.is_open:
        made += providers.tabs(LABEL, dossier, frame.user)
    if dossier.snapshot_id:
        made.append(_tab(frame, "history", _("Historique"), "dossier_history"))
    return made


def _checks(frame: Frame) -> list[Tab]:
    process = process_of(frame.dossier)
    made: list[Tab] = []
    for stage in process.stages.values():
        if checking.asks_for_more(stage):
            made.append(_tab(frame, "completeness", stage.labels.staff, "completeness"))
        elif checking.judges_rules(stage):
            count = left_count(frame.dossier)
            made.append(_tab(frame, "eligibility", stage.labels.staff, "eligibility", count))
        elif stage.kind.code == "countersign" and frame.dossier.readable_stage == stage.code:
            made.append(_tab(frame, "countersign", _("Contreseing"), "countersign"))
    return made


def left_count(dossier: Any) -> str:
    """« 9 de 13 »: rules confirmed among those proposed."""
    if dossier.snapshot is None:
        return ""
    if not dossier.rules_found:
        return ""
    return _("%(n)s de %(total)s") % {"n": dossier.rules_confirmed or 0, "total": dossier.rules_found}


def _tab(frame: Frame, name: str, label: Any, url: str, count: Any = "") -> Tab:
    return Tab(name, formats.tr(label), reverse(url, args=[frame.dossier.pk]), count, frame.current == name)


# --- verbs ----------------------------------------------------------------------------------------------
def acts(frame: Frame) -> list[Act]:
    """Verbs as buttons, the outcomes of the stage one by one, greyed with their reasons."""
    made: list[Act] = []
    for offer in frame.offers:
        if offer.verb in ("advance", "reject"):
            made += _outcomes(frame, offer)
        elif offer.verb in ELSEWHERE:
            made += _filing(frame, offer)
        else:
            href = reverse("dossier_verb", args=[frame.dossier.pk, offer.verb])
            style = "quiet" if offer.verb == "withdraw" else ""
            made.append(Act(offer.verb, offer.label, href, " ".join(offer.reasons), style))
    stage = checking.present_stage(frame.dossier) if frame.dossier.stage else None
    if stage is not None and stage.kind.code == "countersign":
        made = [one for one in made if one.name != "send_back"]
        made.sort(key=lambda one: one.style != "danger")
    return made


def _filing(frame: Frame, offer: Offer) -> Iterable[Act]:
    """Filing again or answering a request goes by the page of the answers; what blocks is told there."""
    if offer.verb == "submit" and frame.now > frame.dossier.call.closes_at:
        return
    if offer.verb == "resubmit" and frame.dossier.due_at is not None and frame.now > frame.dossier.due_at:
        return
    label = _("Répondre à la demande") if offer.verb == "resubmit" else _("Modifier et déposer de nouveau")
    href = reverse(ELSEWHERE[offer.verb], args=[frame.dossier.pk])
    yield Act(offer.verb, label, href, style="main" if offer.verb == "resubmit" else "")


def _outcomes(frame: Frame, offer: Offer) -> Iterable[Act]:
    stage = checking.present_stage(frame.dossier)
    if stage.kind.is_secret:
        return  # review and grants have pages of their own for these
    declared = verbs_of(Dossier)[offer.verb]
    for outcome in outcomes_of(frame.dossier, stage, offer.verb):
        reasons = declared.reasons(frame.dossier, frame.user, {"outcome": outcome.code})
        href = reverse("dossier_outcome", args=[frame.dossier.pk, outcome.code])
        label, style = act_words(frame.dossier, stage, outcome)
        yield Act(f"{offer.verb}-{outcome.code}", label, href, " ".join(reasons), style)


def outcomes_of(dossier: Any, stage: Stage, verb: str) -> list[Outcome]:
    """The outcomes a verb may take now: silence alone while the municipality has the dossier."""
    silence = stage.delay.silence if stage.delay else None
    if dossier.state == "with_applicant":
        return [one for one in stage.outcomes if verb == "advance" and one.code == silence]
    wanted = [
        one for one in stage.choices() if (one.end == "rejected" if verb == "reject" else one.to is not None)
    ]
    return wanted


def act_words(dossier: Any, stage: Stage, outcome: Outcome) -> tuple[str, str]:
    """The words and the style of the button of an outcome, from what it leads to."""
    process = process_of(dossier)
    if stage.delay and outcome.code == stage.delay.silence:
        return _("Constater l’absence de réponse…"), "danger"
    if outcome.end == "rejected":
        return _("Contresigner le refus…"), "danger"
    if stage.kind.code == "countersign" and outcome.to:
        target = formats.tr(process.stage(outcome.to).labels.staff)
        return _("Renvoyer : %(stage)s…") % {"stage": target.lower()}, ""
    if checking.is_refusal(dossier, stage, outcome.code):
        return _("Proposer la non-admissibilité…"), "danger"
    return _("Déclarer %(outcome)s") % {"outcome": formats.tr(outcome.labels.staff).lower()}, "main"


def is_keeper(frame: Frame) -> bool:
    """Manager or auditor: they read who opened confidential files."""
    return has_call_role(frame.user, frame.dossier.call, "manager", "auditor")
