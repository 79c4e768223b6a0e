"""A draft printed, copied, deleted; the earlier texts of an answer, and one put back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import editor, explaining, rules, snapshots
from applications.actions import answers, drafts
from applications.lifecycle import DossierState
from applications.views.access import dossier_of, lead_of, name_of, sentence
from applications.views.sections import plain
from web import clock, formats
from web.http import see_other
from workflows.engine import NotAllowed, NotVisible, Refused


@require_safe
def dossier_print(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The whole dossier as it stands, for paper."""
    dossier = dossier_of(request, pk, to_write=False)
    if not rules.is_applicant(dossier, request.user):
        raise Http404
    text, digest = snapshots.shown(dossier)
    content = json.loads(text)
    shown = {
        "dossier": dossier,
        "call": dossier.call,
        "lead": lead_of(dossier),
        "sections": snapshots.read_text(text, dossier.edition.content),
        "budget": explaining.explain(
            content["budget"], dossier, explaining.value_of(dossier, content["answers"])
        ),
        "digest": digest,
        "names": {one.pk: editor.slip_of(one) for one in dossier.attachments.all()},
        "is_draft": dossier.state == DossierState.DRAFT,
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (name_of(dossier), reverse("dossier", args=[dossier.pk])),
            (_("Imprimer"), ""),
        ],
    }
    return render(request, "applications/print.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A second draft with the same answers."""
    dossier = dossier_of(request, pk)
    said = ""
    if request.method == "POST":
        try:
            made = drafts.copy_draft(dossier, actor=request.user)
        except Refused as refused:
            said = sentence(refused)
        except (NotVisible, NotAllowed):
            raise Http404 from None
        else:
            messages.success(request, _("Voici la copie. Les pièces et les déclarations sont à refaire."))
            return see_other("dossier_edit", made.pk)
    return render(request, "applications/copy.html", _asked(dossier, said), status=422 if said else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a draft, after a page that says what is lost."""
    dossier = dossier_of(request, pk)
    if dossier.state != DossierState.DRAFT:
        messages.info(request, _("Une demande déposée ne se supprime pas : elle se retire."))
        return see_other("dossier", dossier.pk)
    said = ""
    if request.method == "POST":
        name = name_of(dossier)
        if request.POST.get("sure") != "1":
            said = _("Cochez la case pour confirmer.")
        else:
            try:
                drafts.delete_draft(dossier, actor=request.user)
            except Refused as refused:
                said = sentence(refused)
            else:
                messages.success(request, _("Brouillon supprimé : %(name)s") % {"name": name})
                return see_other("dossiers")
    shown = _asked(dossier, said)
    shown |= {
        "n_answers": dossier.answers.count(),
        "n_files": dossier.attachments.filter(removed_at=None).count(),
    }
    return render(request, "applications/delete.html", shown, status=422 if said else 200)


def _asked(dossier: Any, said: str) -> dict[str, Any]:
    return {"dossier": dossier, "call": dossier.call, "name": name_of(dossier), "said": said}


@require_http_methods(["GET", "HEAD", "POST"])
def answer_history(request: HttpRequest, pk: int, question: str) -> HttpResponseBase:
    """Every text an answer had, newest first; one may be put back."""
    dossier = dossier_of(request, pk)
    try:
        asked = answers.question_in(dossier, question)
    except NotVisible:
        raise Http404 from None
    here = f"{reverse('section', args=[dossier.pk, asked.section])}#q-{asked.code}"
    said = ""
    if request.method == "POST":
        wanted = request.POST.get("version", "")
        try:
            version = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0
            at = clock.received_at(request)
            answers.restore_answer(dossier, asked, version, actor=request.user, received_at=at)
        except Refused as refused:
            said = sentence(refused)
        else:
            messages.success(request, _("L’ancienne version est remise en place."))
            return see_other(here)
    now = dossier.answers.filter(question=question).select_related("updated_by").first()
    shown = {
        "dossier": dossier,
        "question": asked,
        "label": formats.tr(asked.label),
        "present": now,
        "present_text": plain(asked, now.value if now else None),
        "versions": [(row, plain(asked, row.value)) for row in answers.history(dossier, question)],
        "may_restore": question in answers.answers_open(dossier, request.user),
        "here": here,
        "said": said,
    }
    return render(request, "applications/history.html", shown, status=422 if said else 200)
