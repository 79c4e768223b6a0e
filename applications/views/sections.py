"""A section of the form: read, saved by itself as it is typed, or by its button without a script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import budget_rows, fields, rules, uploads
from applications.actions import answers, files
from applications.actions.answers import Saved
from applications.editor import Box, Editor, Part, saved_line
from applications.models import Dossier
from applications.views import arrivals, takeover
from applications.views.access import dossier_of, name_of, sentence
from web import clock, formats
from web.http import see_other, whole
from workflows.engine import NotAllowed, NotLocked, NotVisible, Refused


# --- the page ---------------------------------------------------------------------------------------------
def resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The exact question where the work goes on."""
    dossier = dossier_of(request, pk)
    editor = Editor(dossier, request.user)
    if not editor.open:
        return closed(request, dossier)
    first = next((one for one in editor.blockers if one.section), None)
    if first is None:
        return see_other("check", dossier.pk)
    return see_other(f"{reverse('section', args=[dossier.pk, first.section])}#q-{first.question}")


def closed(request: HttpRequest, dossier: Dossier) -> HttpResponseBase:
    """Nothing may be written any more: its page (a draft: what was written), and why."""
    messages.info(request, answers.why_closed(dossier))
    return see_other("dossier_print" if dossier.state == "draft" else "dossier", dossier.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: int, code: str) -> HttpResponseBase:
    """Questions of a section; a POST saves what it brings, with the checks of the page that saves by itself."""
    dossier = dossier_of(request, pk)
    if request.method == "POST":
        return _save(request, dossier, code)
    editor = Editor(dossier, request.user, current=code, checked="revoir" in request.GET, offers=True)
    if not editor.open:
        return closed(request, dossier)
    if editor.part is None:
        raise Http404
    return render(
        request, "applications/section.html", page(editor, comes_from=request.GET.get("retour", "")[:60])
    )


def page(editor: Editor, **more: Any) -> dict[str, Any]:
    """What the page of a section shows."""
    part, dossier = editor.part, editor.dossier
    before, after = editor.near()
    faults = [box for box in (part.boxes if part else []) if box.wrong and box.is_shown]
    return {
        "editor": editor,
        "dossier": dossier,
        "call": dossier.call,
        "part": part,
        "before": before,
        "after": after,
        "faults": faults,
        "budget": editor.budget if _has_budget(part) else None,
        "wide": part is not None and any(box.question.is_wide for box in part.boxes),
        "links": editor.links(),
        "refiling": dossier.state == "in_progress",
        "due_at": dossier.due_at if dossier.state == "with_applicant" else dossier.call.closes_at,
        "may_sign": rules.may_sign(dossier, editor.user),
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (name_of(dossier), reverse("dossier", args=[dossier.pk])),
            (str(formats.tr(part.title)) if part else "", ""),
        ],
        **more,
    }


def _has_budget(part: Part | None) -> bool:
    return part is not None and any(box.question.type == "budget" for box in part.boxes)


@require_safe
def section_state(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """What changes around the boxes after a save: rail, blockers, questions shown, sums of the budget."""
    dossier = dossier_of(request, pk)
    editor = Editor(dossier, request.user, current=code)
    if editor.part is None:
        raise Http404
    return render(request, "applications/section_live.html", page(editor))


# --- saved by itself --------------------------------------------------------------------------------------
def _said(status: str, version: int, line: str, http: int = 200, **more: Any) -> JsonResponse:
    return JsonResponse({"status": status, "version": version, "line": line, **more}, status=http)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int, question: str) -> HttpResponseBase:
    """Save one answer and say only what became of it; a GET gives the other text of a conflict."""
    if not request.user.is_authenticated:
        return _said("session", 0, _("Votre session est finie. Votre texte est gardé dans cette page."), 401)
    try:
        dossier = dossier_of(request, pk, to_write=False)
        if request.method != "POST":
            return _other_text(request, dossier, question)
        sent = arrivals.read(request)
        saved = _store(request, dossier, question, sent)
    except RequestDataTooBig:
        words = _("Non enregistré : ce texte est trop long. Il reste dans cette page; raccourcissez-le.")
        return _said("refused", 0, words, 413)
    except (Http404, NotVisible, NotAllowed, NotLocked):  # not locked: deleted since it was read
        words = _("Ce dossier n’est pas accessible avec ce compte. Votre texte est gardé dans cette page.")
        return _said("refused", 0, words, 404)
    except (ValueError, RecursionError):
        words = _(
            "Non enregistré : la réponse n’a pas pu être lue. Elle reste dans cette page; rechargez-la."
        )
        return _said("refused", 0, words, 422)
    except OperationalError:
        words = _("Le serveur est occupé. Votre texte est gardé dans cette page, nous réessayons.")
        return _said("busy", 0, words, 503)
    return _told(saved)


def _store(request: HttpRequest, dossier: Dossier, question: str, sent: dict[str, Any]) -> Saved:
    """Save what arrived; « take the other » saves it too, then puts back the text that was shown beside it."""
    at = clock.received_at(request)
    if sent["takes_other"]:
        return answers.take_other(
            dossier, question, sent["value"], actor=request.user, seen_version=sent["seen"], received_at=at
        )
    return answers.save_answer(
        dossier,
        question,
        sent["value"],
        actor=request.user,
        seen_version=sent["seen"],
        client=sent["client"],
        client_n=sent["n"],
        received_at=at,
    )


def _told(saved: Saved) -> JsonResponse:
    """The line of an answer that was saved, or why it was not; never the text."""
    if saved.status == "refused":
        words = _("Non enregistré. %(why)s Votre texte reste dans cette page.") % {"why": saved.sentence}
        return _said("refused", saved.version, words, final=True)
    if saved.status == "conflict":
        return _said("conflict", saved.version, _("%(why)s Choisissez.") % {"why": saved.sentence})
    line = saved_line(saved.at or clock.now())
    if saved.sentence:
        return _said("flawed", saved.version, f"{line}. {saved.sentence}")
    return _said(saved.status, saved.version, line)


def _other_text(request: HttpRequest, dossier: Dossier, code: str) -> HttpResponse:
    """The text somebody else wrote, to be put beside one's own."""
    if not rules.may_write(dossier, request.user):
        raise Http404
    question = answers.question_in(dossier, code)
    row = dossier.answers.filter(question=code).select_related("updated_by").first()
    value = row.value if row else None
    shown = {
        "question": question,
        "other": plain(question, value),
        "other_value": _as_typed(question, value),
        "version": row.version if row else 0,
        "by": row.updated_by if row else "",
        "at": row.updated_at if row else None,
    }
    return render(request, "applications/conflict_part.html", shown)


def _as_typed(question: Any, value: Any) -> Any:
    """A value as the controls of a page hold it."""
    box = Box(question, value)
    if question.type == "multi_choice":
        return box.chosen if value else []
    if question.type in ("yes_no", "declaration"):
        return {True: "true", False: "false"}.get(value, "")
    return value if question.is_wide else box.typed


def plain(question: Any, value: Any) -> str:
    """A value in words, on lines."""
    shown = fields.display(question, value)
    if isinstance(shown, list):
        return ", ".join(shown)
    if isinstance(shown, dict):
        rows = budget_rows.told(shown)
        return "\n".join([*rows, _("Total : %(total)s") % {"total": shown["total"]}])
    return str(shown)


# --- saved by its button ----------------------------------------------------------------------------------
@dataclass
class Outcome:
    """What a post of a section became."""

    conflicts: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, tuple[Any, str]] = field(default_factory=dict)
    flawed: bool = False
    taken: list[str] = field(default_factory=list)  # questions that took an earlier answer
    appeared: str = ""  # the first question that these answers make the form ask
    said: list[str] = field(default_factory=list)
    status: int = 422


def _save(request: HttpRequest, dossier: Dossier, code: str) -> HttpResponseBase:
    """Save every question that the page carried, files too, then go on or show what stands."""
    found = next(
        (s for s in fields.sections(dossier.edition.content, dossier.volet.code) if s.code == code), None
    )
    if found is None:
        raise Http404
    made, asked = Outcome(), _asked(request, dossier, found)
    for one in found.questions:
        if f"seen-{one.code}" in request.POST:
            _take(request, dossier, one, made)
        elif one.type == "file":
            _take_files(request, dossier, one, made)
    _take_removal(request, dossier, made)
    made.said += takeover.take(request, dossier, found.questions, made.taken)
    made.appeared = next((one for one in _asked(request, dossier, found) if one not in asked), "")
    if uploads.was_stopped(request):
        made.said.append(uploads.too_much())
        made.status = 413
    if made.conflicts:
        shown = {"dossier": dossier, "code": code, "conflicts": made.conflicts, "title": found.title}
        return render(request, "applications/conflict.html", shown, status=409)
    if made.refused or made.said:
        return _kept(request, dossier, code, made)
    return _onward(request, dossier, code, made)


def _asked(request: HttpRequest, dossier: Dossier, found: Any) -> list[str]:
    """Codes of the questions of a section that its answers make the form ask; none when nothing depends on them."""
    if all(one.show_when is None for one in found.questions):
        return []
    part = Editor(Dossier.objects.get(pk=dossier.pk), request.user, current=found.code).part
    return [box.question.code for box in part.boxes if box.is_shown] if part else []


def _take(request: HttpRequest, dossier: Dossier, question: Any, made: Outcome) -> None:
    """One answer of a post; a conflict answered « the other » keeps one's own text in the versions."""
    post = request.POST
    raw = fields.from_post(question, post)
    seen = post.get(f"seen-{question.code}", "")
    act = answers.take_other if post.get(f"choose-{question.code}", "") == "other" else answers.save_answer
    busy = _("Le serveur est occupé : réessayez dans un instant.")
    if made.status == 503:
        made.refused[question.code] = (fields.keep(question, raw)[0], busy)
        return
    try:
        saved = act(
            dossier,
            question,
            raw,
            actor=request.user,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            received_at=clock.received_at(request),
        )
    except OperationalError:
        made.refused[question.code] = (fields.keep(question, raw)[0], busy)
        made.status = 503
        return
    if saved.status == "conflict":
        made.conflicts.append(_two_texts(question, saved))
    elif saved.status == "refused":
        held = dossier.answers.filter(question=question.code).values_list("value", flat=True).first()
        if held != saved.value and not (held is None and saved.value is False):
            made.refused[question.code] = (saved.value, saved.sentence)
    elif saved.sentence:
        made.flawed = True


def _two_texts(question: Any, saved: Saved) -> dict[str, Any]:
    mine, other = plain(question, saved.value), plain(question, saved.other_value)
    return {
        "question": question,
        "version": saved.version,
        "mine": mine,
        "other": other,
        "by": saved.other_by,
        "at": saved.at,
        "posted": _posted(question, saved.value),
        "both": f"{other}\n\n{mine}" if question.type in ("text", "long_text") else "",
    }


def _posted(question: Any, value: Any) -> list[str]:
    """A value as hidden fields carry it."""
    if question.type == "multi_choice":
        return [str(one) for one in value or []]
    if question.is_wide:
        return [json.dumps(value)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [Box(question, value).typed]


def _take_files(request: HttpRequest, dossier: Dossier, question: Any, made: Outcome) -> None:
    key = request.POST.get("upload_key", "")
    for place, upload in enumerate(request.FILES.getlist(question.code)):
        name = f"{key}-{question.code}-{place}"[:64] if key else ""
        try:
            files.add_file(
                dossier,
                question,
                upload,
                actor=request.user,
                upload_key=name,
                received_at=clock.received_at(request),
            )
        except Refused as refused:
            made.said.append(sentence(refused))
        except OperationalError:
            made.said.append(_("Le serveur est occupé : choisissez le fichier de nouveau dans un instant."))
            made.status = 503


def _take_removal(request: HttpRequest, dossier: Dossier, made: Outcome) -> None:
    wanted = whole(request.POST.get("remove", ""))
    row = dossier.attachments.filter(pk=wanted).first() if wanted is not None else None
    if row is None:
        return
    try:
        files.remove_file(row, actor=request.user, received_at=clock.received_at(request))
    except Refused as refused:
        made.said.append(sentence(refused))


def _kept(request: HttpRequest, dossier: Dossier, code: str, made: Outcome) -> HttpResponseBase:
    """Some of it was refused: the page again, with everything that was typed still in it."""
    editor = Editor(dossier, request.user, current=code)
    if editor.part is None:
        raise Http404
    for box in editor.part.boxes:
        if box.question.code in made.refused:
            box.value, box.wrong = made.refused[box.question.code]
    said = list(dict.fromkeys([*(why for _value, why in made.refused.values()), *made.said]))
    return render(
        request,
        "applications/section.html",
        page(editor, said=said),
        status=409 if made.refused and made.status == 422 else made.status,
    )


def _onward(request: HttpRequest, dossier: Dossier, code: str, made: Outcome) -> HttpResponseBase:
    """Saved: the same page when something is to be seen again, else where the person goes."""
    wanted = request.POST.get("then", "")
    here = reverse("section", args=[dossier.pk, code])
    if made.flawed:
        return see_other(f"{here}?revoir=1#erreurs")
    if request.POST.get("remove"):
        return see_other(f"{here}#pieces")
    grid = next((name for name in request.POST if name.endswith((".add", ".remove"))), "").partition(".")[0]
    if made.taken or made.appeared or grid:
        return see_other(f"{here}#q-{next(iter(made.taken), made.appeared or grid)}")
    if wanted == "check":
        origin = fields.question_of(
            dossier.edition.content, request.POST.get("retour", ""), dossier.volet.code
        )
        place = f"#r-{origin.code}" if origin else ""
        return see_other(f"{reverse('check', args=[dossier.pk])}{place}")
    codes = {one.code for one in fields.sections(dossier.edition.content, dossier.volet.code)}
    if wanted in codes:
        return see_other("section", dossier.pk, wanted)
    messages.success(request, _("Tout est enregistré."))
    return see_other(here)
