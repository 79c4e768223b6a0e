"""The way of a dossier through any process, found by kinds: where it is checked, judged, refused, reviewed."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.schema import Process, Stage


@dataclass(frozen=True)
class Route:
    """Codes of stages and of the outcomes that lead from one to the next."""

    filed: str  # outcome of the intake
    completeness: str
    complete: str
    eligibility: str
    admissible: str
    inadmissible: str
    countersign: str
    confirmed: str
    review: str


def of(process: Process) -> Route:
    """The route of a definition that checks, judges by rules, has refusals countersigned, then reviews."""
    intake = process.stage(process.start)
    first = next(one for one in intake.outcomes if one.to)
    completeness = process.stage(str(first.to))
    judged = next(one for one in process.stages.values() if one.uses.get("rules"))
    countersign, review = process.first_of("countersign"), process.first_of("review")
    assert countersign is not None
    assert review is not None
    return Route(
        filed=first.code,
        completeness=completeness.code,
        complete=_to(completeness, judged.code),
        eligibility=judged.code,
        admissible=_to(judged, review.code),
        inadmissible=_to(judged, countersign.code),
        countersign=countersign.code,
        confirmed=next(one.code for one in countersign.outcomes if one.end),
        review=review.code,
    )


def _to(stage: Stage, code: str) -> str:
    """The outcome that leads to a stage."""
    return next(one.code for one in stage.outcomes if one.to == code)
