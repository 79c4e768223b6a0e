"""What the ministry does with a dossier: completeness, eligibility rule by rule, countersignature, outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import permissions
from accounts.models import User
from applications import checking, reading, verifying
from applications.lifecycle import process_of
from applications.models import Dossier, Finding
from applications.staff_forms import FindingForm
from applications.views import dossier as pages
from applications.views import frame as frames
from applications.views import keeping
from applications.views.departing import departure_of
from applications.views.frame import Frame
from grants.rules import has_call_role
from web import formats
from web.http import whole
from web.lists import State
from workflows.engine import NotAllowed, Offer, Refused
from workflows.lifecycle import verbs_of
from workflows.pages import VerbPage, verb_page

SIGN_OF_PROPOSAL = {"yes": "ok", "no": "ko", "unknown": "draft", "na": "closed"}


@dataclass(frozen=True)
class RuleLine:
    """A rule on the page: what was found, from where, what is proposed, what was confirmed."""

    rule: dict[str, Any]
    finding: Finding
    evidence: list[reading.Evidence]
    proposed: State
    confirmed: State | None
    may_be_provisional: bool


def proposed_state(code: str) -> State:
    """The proposal of the rules as a sign."""
    words = {"yes": _("Oui"), "no": _("Non"), "unknown": _("À lire"), "na": _("Sans objet")}
    return State(SIGN_OF_PROPOSAL[code], words[code])


def confirmed_state(code: str) -> State | None:
    """What a person confirmed, as a sign."""
    words = {
        "yes": State("ok", _("Oui")),
        "provisional": State("warn", _("Oui, provisoire")),
        "no": State("ko", _("Non")),
        "na": State("closed", _("Sans objet")),
    }
    return words.get(code)


def staff_frame(request: HttpRequest, pk: int, current: str) -> Frame:
    """A dossier whose content this person of the ministry reads; 404 for everybody else."""
    frame = frames.read(request, pk, current)
    if not frame.is_ministry() or not frame.is_open or frame.dossier.snapshot is None:
        raise Http404
    return frame


# --- completeness -----------------------------------------------------------------------------------------
def completeness(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked for and what is there; what was asked again, the answers beside the earlier ones."""
    frame = staff_frame(request, pk, "completeness")
    dossier = frame.dossier
    snapshots = list(dossier.snapshots.order_by("-version")[:2])
    files = reading.files_of(dossier.snapshot, pages.scans(frame))
    requests = list(
        dossier.completion_requests.order_by("-pk").select_related("asked_by").prefetch_related("items")
    )
    edition = dossier.edition.content
    is_answer = snapshots[0].kind == "completion" and len(snapshots) > 1
    context = frame.context(
        snapshot=dossier.snapshot,
        sections=reading.sections(dossier.snapshot, edition, files),
        requests=requests,
        questions=reading.questions_of(edition),
        open_request=next((one for one in requests if one.closed_at is None), None),
        changes=reading.changes(snapshots[1], snapshots[0], edition) if is_answer else [],
        before=snapshots[1] if is_answer else None,
        mandate=dossier.mandate_unconfirmed,
        is_here=_is_here(frame, checking.asks_for_more),
    )
    return render(request, "applications/completeness.html", context)


def _is_here(frame: Frame, kind: Any) -> bool:
    """Whether the dossier is in a stage of this kind now."""
    return frame.dossier.readable_state in ("in_progress", "with_applicant") and bool(
        frame.dossier.stage and kind(checking.present_stage(frame.dossier))
    )


def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the questions to open again, say why; the due instant is shown before it is sent."""
    frame = staff_frame(request, pk, "completeness")
    stage = checking.present_stage(frame.dossier)
    done = _("La demande de compléments est envoyée.")
    page = VerbPage(
        back=reverse("completeness", args=[pk]),
        template="applications/ask.html",
        done=done,
        context={"due": checking.due_after(stage, frame.now), "dossier": frame.dossier, "lead": frame.lead},
    )
    return verb_page(request, frame.dossier, "send_back", page)


# --- eligibility ------------------------------------------------------------------------------------------
def eligibility(request: HttpRequest, pk: int) -> HttpResponse:
    """Rule by rule against the evidence."""
    frame = staff_frame(request, pk, "eligibility")
    return _eligibility(frame, keeping.shown(frame))


def _eligibility(frame: Frame, kept: keeping.Kept | None, status: int = 200) -> HttpResponse:
    lines = rule_lines(frame)
    waiting = [one for one in lines if not one.finding.confirmed]
    may = _may_confirm(frame)
    context = frame.context(
        figures=pages.figures(frame),
        lines=[one for one in lines if one.finding.proposed != "na" or not one.finding.confirmed],
        apart=[one for one in lines if one.finding.proposed == "na" and one.finding.confirmed],
        n_confirmed=len(lines) - len(waiting),
        n_waiting=len(waiting),
        n_yes=sum(1 for one in waiting if one.finding.proposed in verifying.AGREED),
        may=may,
        may_resolve=has_call_role(frame.user, frame.dossier.call, "analyst") and not may,
        departure=departure_of(frame.dossier, frame.user),
        kept=kept,
    )
    return render(frame.request, "applications/eligibility.html", context, status=status)


def rule_lines(frame: Frame) -> list[RuleLine]:
    """Every finding of the latest version with its evidence, in the order of the rules."""
    dossier = frame.dossier
    edition = dossier.edition.content
    files = reading.files_of(dossier.snapshot, pages.scans(frame))
    rules = {one["id"]: one for one in edition["rules"]}
    provisional = verifying.provisional_rules(dossier)
    order = {code: place for place, code in enumerate(rules)}
    with_names = Prefetch("findings", Finding.objects.select_related("confirmed_by"))
    prefetch_related_objects([dossier.snapshot], with_names)  # the guards of the offered verbs read them too
    return [
        RuleLine(
            rules.get(one.rule, {"id": one.rule, "label": one.rule}),
            one,
            reading.evidence(checking.facts_read(rules.get(one.rule, {})), dossier.snapshot, edition, files),
            proposed_state(one.proposed),
            confirmed_state(one.confirmed),
            one.rule in provisional,
        )
        for one in sorted(dossier.snapshot.findings.all(), key=lambda row: order.get(row.rule, 99))
    ]


def finding(request: HttpRequest, pk: int, rule: str) -> HttpResponse:
    """One rule: read the evidence, confirm, say why when it is not what the rules propose."""
    frame = staff_frame(request, pk, "eligibility")
    line = next((one for one in rule_lines(frame) if one.finding.rule == rule), None)
    if line is None or not (
        _may_confirm(frame) or verifying.may_resolve(line.finding, frame.dossier, request.user)
    ):
        raise Http404
    posted = request.method == "POST"
    first = request.GET.get("constat", "") or line.finding.confirmed or line.finding.proposed
    form = FindingForm(request.POST if posted else None, initial={"answer": first, "note": line.finding.note})
    if not line.may_be_provisional:
        form.drop_provisional()
    if posted and form.is_valid():
        given = form.cleaned_data
        try:
            verifying.confirm(line.finding, given["answer"], actor=request.user, note=given["note"])
        except NotAllowed:
            raise Http404 from None
        except Refused as refused:
            form.add_error(None if given["note"].strip() else "note", " ".join(refused.reasons))
        else:
            messages.success(request, _("%(rule)s est confirmée.") % {"rule": rule})
            return _back(pk, f"#{_next_rule(frame, rule)}")
    context = frame.context(line=line, form=form)
    return render(request, "applications/finding.html", context, status=422 if posted else 200)


def _may_confirm(frame: Frame) -> bool:
    """In the stage of the rules, and this person acts there."""
    return _is_here(frame, checking.judges_rules) and verifying.may_check(frame.dossier, frame.user)


def _next_rule(frame: Frame, rule: str) -> str:
    """The rule to read next: the first that waits."""
    rows = (
        frame.dossier.snapshot.findings.filter(confirmed="").order_by("rule").values_list("rule", flat=True)
    )
    return rows.first() or rule


def _back(pk: int, anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("eligibility", args=[pk]) + anchor, status=303)


@require_POST
def confirm_proposed(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm every « yes » proposed at once."""
    frame = staff_frame(request, pk, "eligibility")
    try:
        done = verifying.confirm_proposed(frame.dossier, actor=request.user)
    except NotAllowed:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        words = ngettext("%(n)s règle est confirmée.", "%(n)s règles sont confirmées.", done)
        messages.success(request, words % {"n": done})
    return _back(pk)


@require_POST
def confirm_aid(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the aid as computed, or what is kept of each cost; with `act=compute`, only show what it gives."""
    frame = staff_frame(request, pk, "eligibility")
    if not verifying.may_check(frame.dossier, frame.user):
        raise Http404
    page = keeping.typed(frame, request.POST)
    if page is None:
        return _back(pk, "#aide")
    if request.POST.get("act") == "compute" or page.faults:
        return _eligibility(frame, page, 422 if page.faults else 200)
    goes_through = "version" in request.POST
    try:
        dollars = verifying.confirm_aid(
            frame.dossier,
            page.sums,
            actor=request.user,
            reason=page.words,
            lines=page.lines if goes_through else (),
            version=page.version if goes_through else None,
        )
    except NotAllowed:
        raise Http404 from None
    except Refused as refused:
        page.faults = [(said, "kept-amount") for said in refused.reasons]
        return _eligibility(frame, page, 422)
    messages.success(request, _("L’aide confirmée est de %(amount)s.") % {"amount": formats.money(dollars)})
    return _back(pk, "#aide")


# --- countersignature, outcomes, verbs ----------------------------------------------------------------------
def countersign(request: HttpRequest, pk: int) -> HttpResponse:
    """What is proposed, by whom, on which rule, cause and fact: another person confirms or sends back."""
    frame = staff_frame(request, pk, "countersign")
    if frame.dossier.readable_stage != frame.dossier.stage or not _is_countersigned(frame):
        raise Http404
    refused = [one for one in rule_lines(frame) if one.finding.confirmed == "no"]
    silent = frame.dossier.completion_requests.filter(answered_at__isnull=True, closed_at__isnull=False)
    proposed = next((row for row in frame.rows if row.verb == "applications.dossier.advance"), None)
    context = frame.context(
        refused=refused,
        silent=silent.prefetch_related("items").order_by("-pk").first() if not refused else None,
        questions=reading.questions_of(frame.dossier.edition.content),
        proposed=proposed,
    )
    return render(request, "applications/countersign.html", context)


def _is_countersigned(frame: Frame) -> bool:
    return (
        frame.dossier.state == "in_progress"
        and checking.present_stage(frame.dossier).kind.code == "countersign"
    )


def outcome(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Take one outcome of the present stage: what it does, a note, and the button."""
    frame = staff_frame(request, pk, "summary")
    dossier, stage = frame.dossier, checking.present_stage(frame.dossier)
    found = next((one for one in stage.outcomes if one.code == code), None)
    if found is None or stage.kind.is_secret or dossier.readable_stage != dossier.stage:
        raise Http404
    verb = "reject" if found.end else "advance"
    label, style = frames.act_words(dossier, stage, found)
    dossier.asked_outcome = code
    context: dict[str, Any] = {
        "style": style,
        "stage": stage,
        "found": found,
        "lead": frame.lead,
        "dossier": dossier,
    }
    offer = next((one for one in frame.offers if one.verb == verb), None)
    if offer is not None:
        words = label.rstrip("…")
        context["offer"] = Offer(verb, words, help_of(frame, found), (), offer.form, offer.needs_reason)
        if request.method != "POST":
            declared = verbs_of(Dossier)[verb]
            context["reasons"] = tuple(declared.reasons(dossier, frame.user, {"outcome": code}))
    page = VerbPage(
        back=reverse("dossier", args=[pk]),
        template="applications/outcome.html",
        done=_("C’est fait : %(words)s.") % {"words": formats.tr(found.labels.staff).lower()},
        context=context,
        data={"outcome": code},
    )
    return verb_page(request, dossier, verb, page)


def help_of(frame: Frame, found: Any) -> str:
    """What the outcome leads to, in a sentence."""
    process = process_of(frame.dossier)
    if found.end == "rejected":
        return _(
            "Le refus est lisible aussitôt; la lettre attend dans les envois qu’on la libère. C’est définitif."
        )
    target = process.stage(found.to)
    words = {"stage": formats.tr(target.labels.staff)}
    if target.kind.code == "countersign":
        said = _(
            "Le dossier passe à l’étape « %(stage)s » : une autre personne confirme le refus ou le renvoie."
        )
        return said % words
    return _("Le dossier passe à l’étape « %(stage)s ».") % words


def verb(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Any other verb of a dossier, with its form and its reasons."""
    frame = frames.read(request, pk, "summary")
    if name in ("advance", "reject", "submit", "resubmit"):
        raise Http404
    if name == "send_back":
        return HttpResponseRedirect(reverse("ask", args=[pk]))
    context = {"dossier": frame.dossier, "call": frame.dossier.call}
    page = VerbPage(back=reverse("dossier", args=[pk]), base=frame.base, context=context)
    return verb_page(request, frame.dossier, name, page)


def analyst(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who follows the dossier, or take it."""
    frame = frames.read(request, pk, "summary")
    call = frame.dossier.call
    if not frame.is_ministry() or not has_call_role(request.user, call, "manager", "analyst"):
        raise Http404
    if request.method != "POST":
        if not has_call_role(request.user, call, "manager"):
            raise Http404
        people = permissions.holders("analyst", call)
        return render(request, "applications/analyst.html", frame.context(analysts=people))
    chosen = whole(request.POST.get("analyst", ""))
    person = request.user if chosen is None else get_object_or_404(User.objects.active(), pk=chosen)
    try:
        verifying.name_analyst(frame.dossier, person, actor=request.user)
    except NotAllowed:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, _("%(name)s suit ce dossier.") % {"name": person})
    return HttpResponseRedirect(reverse("dossier", args=[pk]), status=303)
