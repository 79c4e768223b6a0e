"""The ready-made call with a self-diagnosis, public targets and a training plan, and answers to them."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from grants.actions.calls import Options, load_call, loader
from grants.models import Call
from grants.reading import folder, read_source
from tests import factories
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock
from workflows.engine import fire


def both(fr: str, en: str) -> dict[str, str]:
    return {"fr": fr, "en": en}


BASE = {
    "help": None,
    "role": None,
    "sensitivity": "public",
    "required": True,
    "show_when": None,
    "require_when": None,
}
SECTION: dict[str, Any] = {
    "code": "reperes",
    "title": both("Repères", "Bearings"),
    "help": None,
    "questions": [
        {**BASE, "code": "maturite", "type": "maturity", "label": both("Où en êtes-vous?", "Where do you stand?")},
        {
            **BASE, "code": "cibles", "type": "targets", "role": "indicators", "min_pledges": 2,
            "label": both("Cibles et indicateurs", "Targets and indicators"),
        },
        {
            **BASE, "code": "plan", "type": "rows", "required": False, "suggest": "maturity_paths",
            "label": both("Plan de formation", "Training plan"),
            "columns": [{"code": "who", "type": "text", "label": both("Qui", "Who")}],
        },
    ],
}  # fmt: skip


def source() -> dict[str, Any]:
    """The files of the ready-made call, with the frames of the reference call."""
    found, frames = copy.deepcopy(read_source(folder("flin"))), folder("ti")
    told = read_source(frames)
    found["maturity"], found["targets"] = told["maturity"], told["targets"]
    found["form"]["sections"].append(copy.deepcopy(SECTION))
    return found


def make_call(code: str = "CIBLES-ESSAI") -> Call:
    """The call, published and open for twenty days."""
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(source(), options=Options(code=code, closes=closes)).call
    for role in STAFF:
        factories.make_staff(role, call.programme, email=f"{role}@ministere.example")
    for role in CALL_STAFF:
        factories.make_staff(role, call, email=f"{role}@ministere.example")
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    return call


def levels(call: Call, **by_dimension: int) -> dict[str, Any]:
    """A self-diagnosis done last month: level 2 everywhere, but in the dimensions named."""
    assert call.edition is not None
    dimensions = call.edition.content["maturity"]["dimensions"]
    chosen = {
        statement["code"]: by_dimension.get(one["code"].replace("-", "_"), 2)
        for one in dimensions
        for statement in one["statements"]
    }
    done: date = clock.today() - timedelta(days=30)
    return {"answers": chosen, "evidence": {"gouvernance": "Un plan adopté."}, "done_on": done.isoformat()}


def pledge(indicator: str, baseline: int, target: int) -> dict[str, Any]:
    """A row of the table of pledges."""
    row = {"id": indicator, "indicator": indicator, "baseline": baseline, "target": target}
    return {**row, "date": "2028-06-30", "source": "Registre interne"}


def pledged(
    served: int, *others: dict[str, Any], targets: tuple[str, ...] = ("territoires",)
) -> dict[str, Any]:
    """Targets and pledges: people served from zero, and others."""
    rows = [pledge("citoyens-beneficiaires", 0, served), *(others or (pledge("jeux-ouverts", 1, 4),))]
    return {"targets": list(targets), "pledges": rows}
