"""The page of a dossier for every role: summary, the version as filed, its files, its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applications import checking, keeping, reading, rules, snapshots, standing, telling
from applications.models import Snapshot
from applications.views import frame as frames
from applications.views.frame import Frame
from grants.rules import has_call_role
from web import formats
from web.http import whole


def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the dossier is, what is expected, what can be done."""
    frame = frames.read(request, pk, "summary")
    if frame.dossier.readable_state == "draft":
        if not rules.may_write(frame.dossier, frame.user):
            return redirect("dossier_partners", pk)  # of a partner: what it is asked
        return redirect("dossier_edit", pk)  # a draft opens where it was left
    context = frame.context(
        figures=figures(frame) if frame.is_open else [],
        kept=kept_of(frame) if frame.is_open else None,
        request_open=open_request(frame),
        questions=reading.questions_of(frame.dossier.edition.content),
        summary=summary(frame) if frame.is_open else "",
        withheld=checking.infected(frame.dossier) if frame.is_open else [],
        may_give=_may_give(frame),
        may_take=_may_take(frame),
    )
    return render(request, "applications/dossier.html", context)


def _may_take(frame: Frame) -> bool:
    """An analyst of the call takes a dossier that nobody follows."""
    is_analyst = has_call_role(frame.user, frame.dossier.call, "analyst")
    return frame.is_ministry() and is_analyst and frame.dossier.analyst_id is None


def _may_give(frame: Frame) -> bool:
    """The manager gives it to an analyst."""
    return frame.is_ministry() and has_call_role(frame.user, frame.dossier.call, "manager")


def summary(frame: Frame) -> str:
    """The public summary, read by its role."""
    dossier = frame.dossier
    if dossier.snapshot is None:
        return ""
    answers = snapshots.content_of(dossier.snapshot).get("answers", {})
    for code, question in reading.questions_of(dossier.edition.content).items():
        if question.role == "public_summary":
            return str(answers.get(code) or "")
    return ""


def figures(frame: Frame) -> list[dict[str, Any]]:
    """Kept costs, rate, aid and own money, as filed; for whom it is told, as departures left them and as confirmed."""
    dossier = frame.dossier
    if dossier.snapshot is None:
        return []
    filed = snapshots.content_of(dossier.snapshot).get("budget", {}).get("result") or {}
    if not filed:
        return []
    is_told = _is_told(frame)
    base = keeping.base(dossier) if is_told else None
    result = base.result if base is not None else filed
    asked = _("demandée : %(amount)s") % {"amount": formats.money(dossier.requested)}
    cuts = ", ".join(
        f"{one['code']} {formats.MINUS}{formats.NBSP}{formats.money(one['amount'])}"
        for one in result.get("reductions", [])
        if one["code"] != "DEMANDE"
    )
    kept = dossier.kept_costs if is_told else filed.get("kept", 0)
    found = [
        _figure(_("Coûts retenus"), formats.money(kept), formats.money(filed.get("kept", 0))),
        _figure(_("Taux"), _rate(result), _rate(filed)),
        {
            "label": _("Aide calculée"),
            "value": formats.money(result.get("aid", dossier.aid)),
            "note": f"{asked}, {cuts}" if cuts else asked,
        },
        _figure(_("Mise de fonds"), formats.money(result.get("own", 0)), formats.money(filed.get("own", 0))),
    ]
    if is_told and dossier.confirmed_aid not in (None, dossier.aid):
        found.insert(3, {"label": _("Aide confirmée"), "value": formats.money(dossier.confirmed_aid)})
    return found


def _figure(label: str, value: str, filed: str) -> dict[str, Any]:
    """A figure, with what it was at the filing where that is something else."""
    note = _("au dépôt : %(amount)s") % {"amount": filed}
    return {"label": label, "value": value, "note": note if value != filed else ""}


def _rate(result: Mapping[str, Any]) -> str:
    return formats.percent(_percent(result.get("rate", {}).get("exact", "0")))


def kept_of(frame: Frame) -> tuple[list[keeping.Cut], str] | None:
    """Costs that an analyst does not keep whole, and the explanation, for whom they are told."""
    dossier = frame.dossier
    base = keeping.base(dossier) if _is_told(frame) and dossier.confirmed_aid is not None else None
    if base is None or base.result["kept"] == dossier.kept_costs:
        return None
    standing = keeping.standing(dossier)
    if standing is None or not standing.cut:
        return None
    return keeping.cuts(dossier, standing.lines), standing.explanation


def _is_told(frame: Frame) -> bool:
    """The ministry reads what the analyst kept; the applicant once the outcome is known."""
    return frame.is_ministry() or (
        frame.face == "applicant" and frame.dossier.readable_state in ("accepted", "waitlisted", "rejected")
    )


def _percent(exact: str) -> Any:
    from fractions import Fraction

    return Fraction(exact) * 100


def open_request(frame: Frame) -> Any:
    """The request for completion in force, with its items."""
    if frame.dossier.readable_state != "with_applicant":
        return None
    rows = frame.dossier.completion_requests.filter(closed_at__isnull=True)
    return rows.prefetch_related("items").first()


def snapshot_of(frame: Frame) -> Snapshot:
    """The version asked for (`?version=2`), the latest one by default."""
    dossier = frame.dossier
    if not frame.is_open or dossier.snapshot is None:
        raise Http404
    asked = whole(frame.request.GET.get("version", ""))
    if asked is None or asked == dossier.snapshot.version:
        return dossier.snapshot  # type: ignore[no-any-return]
    found = dossier.snapshots.filter(version=asked).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def scans(frame: Frame) -> dict[int, str]:
    """The present state of every file's scan."""
    return {one.pk: one.scan_shown for one in frame.dossier.attachments.all()}


def dossier_content(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as it was filed, section by section."""
    frame = frames.read(request, pk, "content")
    snapshot = snapshot_of(frame)
    files = reading.files_of(snapshot, scans(frame))
    versions = list(frame.dossier.snapshots.order_by("-version").defer("text"))
    context = frame.context(
        snapshot=snapshot,
        versions=versions,
        sections=reading.sections(snapshot, snapshot_edition(frame, snapshot), files),
    )
    return render(request, "applications/dossier_content.html", context)


def snapshot_edition(frame: Frame, snapshot: Snapshot) -> dict[str, Any]:
    """The edition a version was filed under."""
    if snapshot.edition_id == frame.dossier.edition_id:
        return frame.dossier.edition.content  # type: ignore[no-any-return]
    return snapshot.edition.content


def dossier_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Every file of the version, with what the scanner said of it."""
    frame = frames.read(request, pk, "files")
    snapshot = snapshot_of(frame)
    questions = reading.questions_of(frame.dossier.edition.content)
    context = frame.context(
        snapshot=snapshot,
        rows=[
            (questions[one.slot].label if one.slot in questions else one.slot, one)
            for one in reading.files_of(snapshot, scans(frame))
        ],
        reads=reads(frame) if frame.is_ministry() and frames.is_keeper(frame) else [],
    )
    return render(request, "applications/dossier_files.html", context)


def reads(frame: Frame) -> list[Any]:
    """Who opened which file, or took away everything, for the manager and the auditor."""
    names = {one.pk: one.name for one in frame.dossier.attachments.all()}
    found = [row for row in frame.rows if row.verb.rpartition(".")[2] in telling.READS][:100]
    words = {"pdf": _("Dossier entier en PDF"), "zip": _("Tous les fichiers (ZIP)")}
    return [
        (row.at, row.who, words.get(row.verb.rpartition(".")[2]) or names.get(row.event.data.get("file"), ""))
        for row in found
    ]


def dossier_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened and is still to come, and what each version changed."""
    frame = frames.read(request, pk, "history")
    if not frame.dossier.snapshot_id:
        raise Http404
    versions = list(frame.dossier.snapshots.order_by("version")) if frame.is_open else []
    context = frame.context(
        all_events=[*standing.coming(frame.dossier, frame.now), *frame.past],
        versions=_versions(versions, frame.dossier.edition.content),
    )
    return render(request, "applications/dossier_history.html", context)


def _versions(rows: list[Snapshot], edition: dict[str, Any]) -> list[tuple[Snapshot, list[reading.Change]]]:
    """Each version with what it changed, the latest first."""
    found: list[tuple[Snapshot, list[reading.Change]]] = []
    before: Snapshot | None = None
    for one in rows:
        found.append((one, reading.changes(before, one, edition) if before else []))
        before = one
    return found[::-1]
