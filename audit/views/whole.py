"""A call taken away whole: at once when it is small, else by a worker, with a page that says how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import actions, package, reading, rules
from audit.contents import Step
from grants.models import Call
from web import clock, export_jobs, formats, tables
from web.export_views import streamed
from web.http import see_other
from web.lists import Column
from workflows.engine import Refused

WHOLE, ZIP = "appel-entier", "zip"
AT_ONCE = 200  # dossiers that are given in the request


def register() -> None:
    """Called once, when the site starts."""
    words = {"number": gettext_lazy("Numéro donné au premier dépôt.")}
    title = gettext_lazy("Appel entier")
    tables.register(WHOLE, title, whole_table, "audit_call", definitions=words, has_parts=True)


def whole_table(user: Any, part: str) -> tables.Table:
    """The filed dossiers of a call, for its auditor; as a ZIP, the whole call."""
    call = get_object_or_404(rules.audited_by(user), code=part)

    def chunks(actor: Any, keys: Sequence[int], step: Step | None) -> Iterator[bytes]:
        return pieces(call, actor, step)

    pack = tables.Pack(
        label=gettext_lazy("L’appel entier (ZIP)"),
        type="application/zip",
        refuses=lambda rows: " ".join(rules.against_export(call, user)),
        is_short=lambda rows: rows.order_by()[: AT_ONCE + 1].count() <= AT_ONCE,
        chunks=chunks,
        stands=lambda keys, begun: True,
    )
    columns = [Column("number", _("Dossier"), lambda row: row.number, head=True, sort="number")]
    return tables.Table(reading.of_call(user, call).filed(), columns, "number", packs={ZIP: pack})


def pieces(call: Call, actor: Any, step: Step | None = None) -> Iterator[bytes]:
    """The bytes of the export, once it is written down; rights are asked when it is made."""
    try:
        made = actions.export(call, actor=actor, step=step)
    except Refused as refused:
        raise PermissionDenied(" ".join(refused.reasons)) from None
    at = clock.now()
    told = {
        "format": 1,
        "call": call.code,
        "made_at": reading.written(at),
        "by": f"user:{actor.pk}",
        "chain": {"events": made.events, "head": made.head},
    }
    yield from package.stream(made.entries(), told, at)


@require_POST
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The call whole, as one zip; an event of the chain says who took it."""
    table = tables.build(request.user, WHOLE, code)
    chosen, pack = table.select(QueryDict()), table.packs[ZIP]
    if said := pack.refuses(chosen.rows):
        messages.error(request, said)
        return see_other("audit_call", code)
    if not pack.is_short(chosen.rows):
        total = chosen.rows.order_by().count()
        try:
            job = export_jobs.ask(request.user, table, "", get_language() or "fr-ca", ZIP, total)
        except export_jobs.TooMany:
            messages.error(request, _("Trois exports sont déjà en cours : attendez-en un, ou annulez-le."))
            return see_other("exports")
        return see_other("export_job", job.pk)
    answer = streamed(
        pack.of(request.user, chosen), pack.type, f"{code}-{formats.local(clock.now()):%Y-%m-%d}.zip"
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
