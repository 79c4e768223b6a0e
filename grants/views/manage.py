"""Staff pages of a call: figures, dates, money, form, rules, grid, process, letters, people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import declared_roles, role_model
from grants import calendar, callpage, cockpit, letters, naming, process, rules
from grants.actions import calls as call_actions
from grants.actions.dates import ImpossibleDates, change_calendar
from grants.forms import CalendarForm, LetterForm
from grants.models import Call
from grants.views import drawing
from grants.views.frame import call_of, frame
from web import clock
from web.formats import tr
from web.http import see_other
from workflows.engine import NotAllowed, Refused, available
from workflows.pages import VerbPage, verb_page
from workflows.vocabulary import timeline


@require_safe
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """The cockpit: every number opens its rows; what may be done with the call, and why not."""
    call, now = call_of(request, code), clock.now()
    groups: dict[str, list[cockpit.Figure]] = {}
    found = cockpit.figures(request.user, call)
    for figure in found:
        groups.setdefault(str(figure.group), []).append(figure)
    context = frame(
        request,
        call,
        "manage_call",
        groups=list(groups.items()),
        most_a_day=max((one.value for one in found if one.day), default=1),
        life=callpage.life(call, now),
        offers=available(call, request.user),  # type: ignore[arg-type]
        events=timeline(call, request.user, face="staff")[:12],
    )
    return render(request, "grants/manage_call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def dates(request: HttpRequest, code: str) -> HttpResponse:
    """The calendar; an impossible date is refused with its reason, beside it."""
    call = call_of(request, code)
    may = rules.is_manager(request.user, call)
    form = CalendarForm(request.POST if request.method == "POST" and may else None, call=call)
    status = 200
    if request.method == "POST":
        if not may:
            raise Http404
        status = 422
        if form.is_valid() and _change_dates(request, call, form):
            return see_other("manage_calendar", call.code)
    now, values = clock.now(), form.asked()
    said = {name: " ".join(map(str, told)) for name, told in form.errors.items()} if form.is_bound else {}
    context = frame(
        request,
        call,
        "manage_calendar",
        form=form,
        dates=callpage.dates(call, now),
        spans=calendar.spans(values, said),
        today=calendar.place(values, now),
        width=calendar.WIDTH,
        changes=callpage.changes(call),
    )
    return render(request, "grants/manage_calendar.html", context, status=status)


def _change_dates(request: HttpRequest, call: Call, form: CalendarForm) -> bool:
    """Move the dates; what is impossible goes back beside its field."""
    try:
        changed = change_calendar(
            call,
            actor=request.user,  # type: ignore[arg-type]
            reason=form.cleaned_data["reason"],
            **form.dates(),
        )
    except ImpossibleDates as impossible:
        for name, said in impossible.by_field.items():
            form.add_error(name, said)
        return False
    except (NotAllowed, Refused):
        raise Http404 from None
    messages.success(request, _("Les dates sont enregistrées.") if changed else _("Aucune date n’a changé."))
    return True


@require_safe
def money(request: HttpRequest, code: str) -> HttpResponse:
    """Volets, envelopes, reserves, rates and costs."""
    call = call_of(request, code)
    context = frame(request, call, "manage_money", strands=callpage.strands(call))
    context["bands"] = callpage.rate_bands(context["body"]) if context["body"] else []
    return render(request, "grants/manage_money.html", context)


@require_safe
def form(request: HttpRequest, code: str) -> HttpResponse:
    """The form as applicants see it, with what each answer means to the rest."""
    call = call_of(request, code)
    context = frame(request, call, "manage_form")
    context |= {
        "types": naming.type_names(),
        "roles": naming.role_names(),
        "levels": naming.sensitivity_names(),
        "editions": list(call.editions.order_by("-version")[:5]),
    }
    return render(request, "grants/manage_form.html", context)


@require_safe
def eligibility(request: HttpRequest, code: str) -> HttpResponse:
    """The eligibility rules, in words and as conditions."""
    return render(request, "grants/manage_rules.html", frame(request, call_of(request, code), "manage_rules"))


@require_safe
def grid(request: HttpRequest, code: str) -> HttpResponse:
    """Criteria, weights, thresholds, anchors."""
    context = frame(request, call_of(request, code), "manage_grid")
    context["grid"] = callpage.grid_rows(context["body"]) if context["body"] else []
    context["ties"] = callpage.tie_words(context["body"]) if context["body"] else []
    return render(request, "grants/manage_grid.html", context)


@require_safe
def process_page(request: HttpRequest, code: str) -> HttpResponse:
    """The process, drawn and as a table; whether it is sound with the people the call has today."""
    call = call_of(request, code)
    context = frame(request, call, "manage_process", faults=process.soundness_faults(call))
    if call.edition:
        context |= {
            "drawing": drawing.draw(call.edition.definition.content),
            "definition": call.edition.definition,
        }
    return render(request, "grants/manage_process.html", context)


@require_safe
def letter_texts(request: HttpRequest, code: str) -> HttpResponse:
    """The letters of the call with the version in force of each."""
    call = call_of(request, code)
    latest: dict[tuple[str, str], Any] = {}
    for text in call.letter_texts.order_by("version"):
        latest[(text.kind, text.language)] = text
    rows = [
        (kind, _(name), [text for (found, _language), text in sorted(latest.items()) if found == kind])
        for kind, name in letters.KINDS.items()
    ]
    return render(request, "grants/manage_letters.html", frame(request, call, "manage_letters", rows=rows))


@require_http_methods(["GET", "HEAD", "POST"])
def letter_text(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One letter: its text, its versions; a change is a new version, letters already issued keep theirs."""
    call = call_of(request, code)
    if kind not in letters.KINDS:
        raise Http404
    may, current = rules.is_manager(request.user, call), call_actions.current_letter(call, kind)
    if request.method == "POST" and not may:
        raise Http404
    start = {"subject": current.subject, "text": letters.to_text(current.body)} if current else {}
    form = LetterForm(request.POST if request.method == "POST" else None, kind=kind, initial=start)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            actor: Any = request.user
            subject = form.cleaned_data["subject"]
            stored = call_actions.store_letter(call, kind, call.language, subject, form.blocks(), actor=actor)
            said = (
                _("Version %(n)s enregistrée.") % {"n": stored.version}
                if stored
                else _("Le texte n’a pas changé.")
            )
            messages.success(request, said)
            return see_other("manage_letter", call.code, kind)
    context = frame(
        request,
        call,
        "manage_letters",
        form=form,
        kind=kind,
        name=_(letters.KINDS[kind]),
        current=current,
        versions=list(call.letter_texts.filter(kind=kind).order_by("-version")),
        names=sorted(letters.PLACEHOLDERS),
        slots=[(slot, _(letters.SLOT_NAMES[slot])) for slot, kinds in letters.SLOTS.items() if kind in kinds],
        preview=_marked(current) if current else [],
    )
    return render(request, "grants/manage_letter.html", context, status=status)


def _marked(current: Any) -> list[dict[str, Any]]:
    """The blocks with their names set apart, for the preview."""
    blocks: list[dict[str, Any]] = []
    for block in current.body:
        kind = next(iter(block))
        value = block[kind]
        if kind == "slot":
            blocks.append({"kind": kind, "name": _(letters.SLOT_NAMES.get(value, value))})
        elif kind == "list":
            blocks.append({"kind": kind, "entries": [_pieces(item) for item in value]})
        else:
            blocks.append({"kind": kind, "pieces": _pieces(value)})
    return blocks


def _pieces(text: str) -> list[tuple[bool, str]]:
    """The text cut at its names: (is a name, words)."""
    return [(index % 2 == 1, part) for index, part in enumerate(letters.PLACEHOLDER.split(text)) if part]


@require_safe
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Who holds which role on the call, and who holds it through the programme."""
    call = call_of(request, code)
    own, above = _holders(call), _holders(call.programme)
    rows = [
        {"code": role, "label": _(label), "own": own.get(role, []), "above": above.get(role, [])}
        for role, label in declared_roles(Call).items()
    ]
    context = frame(request, call, "manage_people", rows=rows, programme=tr(call.programme.name))
    context["faults"] = process.soundness_faults(call)
    return render(request, "grants/manage_people.html", context)


def _holders(thing: Any) -> dict[str, list[Any]]:
    """Active people by role on a call or a programme, by name; one statement."""
    model: type[Model] = type(thing)
    rows = role_model(model)._default_manager.filter(content_object_id=thing.pk, user__is_active=True)
    found: dict[str, list[Any]] = {}
    for row in rows.select_related("user", "permission").order_by("user__sort_name", "user_id"):
        found.setdefault(row.permission.codename, []).append(row.user)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def verb(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Publish or archive the call."""
    call = call_of(request, code)
    page = VerbPage(
        back=reverse("manage_call", args=[call.code]),
        context={"crumbs": [(tr(call.title), reverse("manage_call", args=[call.code])), (_("Acte"), "")]},
    )
    return verb_page(request, call, verb, page)
