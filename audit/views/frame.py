"""What the pages of an auditor share: the call, the day as of which it is read, the words of states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.panels import Tab
from applications.standing import WORDS
from audit import rules
from audit.forms import DAY, DayForm, end_of
from audit.reading import Then
from grants.models import Call
from web import clock
from web.formats import tr
from web.lists import State
from workflows import schema

STATES = {"in_progress": gettext_lazy("En traitement"), **WORDS}


@dataclass
class Reader:
    """An auditor in front of a call, as of a day or now."""

    request: HttpRequest
    call: Call
    form: DayForm
    day: date | None
    at: datetime

    @property
    def query(self) -> str:
        """What keeps the day in an address."""
        return f"?{DAY}={self.day.isoformat()}" if self.day else ""

    def context(self, current: str, here: str, **more: Any) -> dict[str, Any]:
        """What every page of a call shows."""
        return {
            "reader": self,
            "call": self.call,
            "form": self.form,
            "day": self.day,
            "query": self.query,
            "tabs": [
                self._tab("audit_call", _("L’appel"), current),
                self._tab("audit_dossiers", _("Dossiers"), current),
            ],
            "here": here,
            **more,
        }

    def _tab(self, name: str, label: str, current: str) -> Tab:
        href = reverse(name, args=[self.call.code]) + self.query
        return Tab(name, label, href, "", name == current)


def read(request: HttpRequest, code: str) -> Reader:
    """The call, for its auditors alone; a day that cannot be read is said, and the page is of now."""
    rows = rules.audited_by(request.user).select_related("programme", "edition__definition")
    call = get_object_or_404(rows, code=code)
    form = DayForm(request.GET if DAY in request.GET else None, today=clock.today())
    day = form.cleaned_data[DAY] if form.is_bound and form.is_valid() else None
    if not form.is_bound:
        form = DayForm({}, today=clock.today())
    return Reader(request, call, form, day, end_of(day) if day else clock.now())


def sign_of(then: Then) -> State:
    """The state as a sign and its words."""
    return State(then.state, STATES.get(then.state, then.state))


def outcome_of(process: schema.Process, then: Then) -> str:
    """The last outcome in the words of the process."""
    known = {one.code: one for stage in process.stages.values() for one in stage.outcomes}
    return tr(known[then.outcome].labels.staff) if then.outcome in known else then.outcome


def stage_of(call: Call, then: Then) -> str:
    """The stage in the words of the process; nothing once the dossier ended."""
    if call.edition is None or not then.stage or then.state not in ("in_progress", "with_applicant"):
        return ""
    found = schema.parse(call.edition.definition.body).stages.get(then.stage)
    return tr(found.labels.staff) if found is not None else then.stage
