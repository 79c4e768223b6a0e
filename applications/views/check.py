"""The check page: everything as it would be filed, what stands against it, and the act of filing."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import blockers, editor, explaining, fields, filing, rules, snapshots
from applications.actions import answers
from applications.models import Dossier
from applications.views import sections
from applications.views.access import dossier_of, lead_of, name_of
from web import clock, formats
from web.http import see_other
from workflows.engine import NotAllowed, NotVisible, Refused, Stale


def page(request: HttpRequest, dossier: Dossier, **more: Any) -> dict[str, Any]:
    """Everything of the check page; the digest is that of the very text shown."""
    made = snapshots.material(dossier)
    text = snapshots.text_of(dossier, made)
    content = json.loads(text)
    found = blockers.of(dossier, made=made)
    open_now = answers.answers_open(dossier, request.user)
    lead = lead_of(dossier)
    is_answer = dossier.state == "with_applicant"
    return {
        "dossier": dossier,
        "call": dossier.call,
        "lead": lead,
        "sections": snapshots.read_text(text, dossier.edition.content),
        "blockers": [{"text": one.sentence, "href": editor.where(dossier, one)} for one in found],
        "warnings": [
            {"text": one.sentence, "href": editor.where(dossier, one)}
            for one in blockers.warnings(dossier, made)
        ],
        "may_sign": rules.may_sign(dossier, request.user),
        "open_now": open_now,
        "open_sections": _open_sections(dossier, open_now),
        "budget": explaining.explain(
            content["budget"], dossier, explaining.value_of(dossier, content["answers"])
        ),
        "digest": snapshots.digest_of(text),
        "prints": snapshots.fingerprints(text),
        "submit_key": secrets.token_urlsafe(24),
        "phrase": phrase_of(lead),
        "due_at": dossier.due_at if is_answer else dossier.call.closes_at,
        "is_answer": is_answer,
        "is_again": dossier.state == "in_progress",
        "membership": rules.memberships(request.user).get(lead.pk) if lead else None,
        "names": _slips(dossier, made),
        "people_href": reverse("organisation_people", args=[lead.pk]) if lead else "",
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (name_of(dossier), reverse("dossier", args=[dossier.pk])),
            (_("Vérifier et déposer"), ""),
        ],
        **more,
    }


def _open_sections(dossier: Dossier, open_now: Any) -> set[str]:
    """Sections that hold a question one may still write."""
    sections = fields.sections(dossier.edition.content, dossier.volet.code)
    return {one.code for one in sections if any(question.code in open_now for question in one.questions)}


def _slips(dossier: Dossier, made: snapshots.Material) -> dict[int, editor.Slip]:
    """The files of the page by key; those of a filed version may have been replaced since."""
    rows = list(made.attachments)
    gone = {one["id"] for one in made.files} - {row.pk for row in rows}
    if gone:
        rows += dossier.attachments.filter(pk__in=gone)
    return {row.pk: editor.slip_of(row) for row in rows}


def phrase_of(lead: Any) -> str:
    """What the signatory writes to sign."""
    return filing.signed_for(lead.name if lead else "")


@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Read it one last time."""
    dossier = dossier_of(request, pk)
    if not answers.answers_open(dossier, request.user):
        return sections.closed(request, dossier)
    return render(request, "applications/check.html", page(request, dossier))


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """File once, whatever the number of clicks: the receipt, or the page again with what has changed."""
    if request.method != "POST":
        return see_other("check", pk)
    post = request.POST
    key = post.get("submit_key", "")[:64]
    dossier = Dossier(pk=pk)  # read under the lock only, with whose it is and what signs for it
    try:
        snapshot = filing.submit(
            dossier,
            actor=request.user,
            digest=post.get("digest", ""),
            submit_key=key,
            received_at=clock.received_at(request),
            prints=post.get("prints", ""),
            kind="completion" if post.get("kind") == "completion" else "filing",
            phrase=post.get("phrase", ""),
        )
    except filing.Unsigned as refused:
        return _again(request, dossier_of(request, pk), list(refused.reasons), 422, phrase=True)
    except Refused as refused:
        return _again(request, dossier_of(request, pk), list(refused.reasons), 422)
    except Stale:
        said = _("Le dossier a changé pendant que vous lisiez : relisez-le avant de déposer.")
        return _again(request, dossier_of(request, pk), [said], 409)
    except NotAllowed:
        said = _("Seule la personne signataire de la municipalité peut déposer.")
        return _again(request, dossier_of(request, pk), [said], 403)
    except NotVisible:
        raise Http404 from None
    return see_other("receipt", dossier.pk, snapshot.version)


def _again(
    request: HttpRequest, dossier: Dossier, said: list[str], status: int, *, phrase: bool = False
) -> HttpResponse:
    """The check page, fresh, with why filing was refused; what was typed to sign is kept."""
    if not answers.answers_open(dossier, request.user) and not phrase:
        at = formats.datetime_exact(clock.received_at(request))
        said = [*said, _("Votre demande de dépôt est arrivée le %(when)s.") % {"when": at}]
    shown = page(request, dossier, said=said, typed=request.POST.get("phrase", ""), phrase_wrong=phrase)
    return render(request, "applications/check.html", shown, status=status)
