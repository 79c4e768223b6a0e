"""What an exported call holds, file by file, read in bounded pieces: nothing here keeps a whole call in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from applications.models import Dossier, Finding, Snapshot
from audit import again, cases, guide, reading
from audit.package import Entry
from grants.models import Call, Decision
from notifications.models import Document
from review.models import Assignment, Consensus, Panel, Recommendation, Sheet
from workflows.chain import canonical
from workflows.models import Event, EventText

ROOT = Path(__file__).resolve().parents[1]
CORES = (
    "workflows/casefile.py", "workflows/conditions.py", "workflows/chain.py", "applications/budget.py",
    "applications/eligibility.py", "review/scoring.py", "review/selection.py", "audit/standing.py",
    "audit/verify.py",
)  # fmt: skip
# Verbs that tell of a reading, or of something taken away.
READS = ("file_read", "read", "pdf", "zip", "export", "export_whole")
CHUNK = 200
FEW = 50  # rows whose text may be long
Step = Callable[[Sequence[Any]], None]


@dataclass
class Export:
    """A call as its export was recorded: up to which event of its chain, and who is named in it."""

    call: Call
    events: int
    head: str
    people: set[int]
    step: Step | None = None  # told of the dossiers that were written

    def entries(self) -> Iterator[Entry]:
        """Every file, in order; people last, once everybody named is known."""
        yield "README.txt", [guide.text(self.call, self.events, self.head).encode()]
        yield "chain/events.jsonl", self._chain()
        yield "chain/texts.jsonl", self._texts()
        yield "chain/head.json", [_json({"chain": self.call.code, "events": self.events, "head": self.head})]
        yield "site/events.jsonl", self._site()
        yield from self._configuration()
        yield from _snapshots(self.call, self.step)
        yield "sheets.jsonl", self._sheets()
        yield from self._panels()
        yield from self._decisions()
        yield "reconsiderations.jsonl", (_line(one) for one in again.told(self.call, self.people))
        yield "access.jsonl", self._access()
        yield "letters.jsonl", _letters(self.call)
        yield "people.jsonl", self._people()
        yield from _cores()

    # --- the register -------------------------------------------------------------------------------------
    def _events(self) -> Any:
        return Event.objects.filter(chain=self.call.code, n__lte=self.events).order_by("n")

    def _chain(self) -> Iterator[bytes]:
        for line, actor, behalf in self._events().values_list("line", "actor", "behalf").iterator(CHUNK):
            self._name(actor, behalf)
            yield line.encode() + b"\n"

    def _texts(self) -> Iterator[bytes]:
        rows = EventText.objects.filter(event__chain=self.call.code, event__n__lte=self.events)
        for n, salt, text in (
            rows.order_by("event__n").values_list("event__n", "salt", "text").iterator(CHUNK)
        ):
            yield _line({"n": n, "salt": bytes(salt).hex(), "text": text})

    def _site(self) -> Iterator[bytes]:
        """Events of the site about the roles that reach the call, the mandates of its bodies, suspensions."""
        targets = reading.targets_of(self.call)
        roles = list(reading.role_events(targets).values_list("n", "line", "actor", "subject_id"))
        codes = (
            Dossier.objects.filter(call=self.call)
            .filed()
            .values_list("bodies__organisation__scheme", "bodies__organisation__code")
        )
        bodies = sorted({f"{scheme}:{code}" for scheme, code in codes if code})
        mandates: list[Any] = []
        for start in range(0, len(bodies), FEW):
            found = reading.mandate_events(bodies[start : start + FEW])
            mandates += found.values_list("n", "line", "actor", "subject_id")
        held = {subject for _n, _line, _actor, subject in roles}
        out = list(reading.suspensions(held).values_list("n", "line", "actor", "subject_id"))
        self.people |= held
        for _n, line, actor, _subject in sorted({*roles, *mandates, *out}):
            self._name(actor, *_persons(json.loads(line)["data"]))
            yield line.encode() + b"\n"

    def _access(self) -> Iterator[bytes]:
        """Who read which file or letter, or took something away, from the events of the chain."""
        for verb, line in self._events().values_list("verb", "line").iterator(CHUNK):
            if verb.rpartition(".")[2] in READS:
                told = json.loads(line)
                yield _line({key: told[key] for key in ("n", "at", "actor", "verb", "subject", "data")})

    # --- the call -------------------------------------------------------------------------------------------
    def _configuration(self) -> Iterator[Entry]:
        """The calendar and the money, each edition and each process as they are stored."""
        call, editions = self.call, list(self.call.editions.select_related("definition").order_by("version"))
        instants = ("opens_at", "closes_at", "letters_at", "publish_at")
        told = {
            "code": call.code,
            "title": call.title,
            "state": call.state,
            "language": call.language,
            **{name: reading.written(getattr(call, name)) for name in instants},
            "volets": [
                {
                    "code": one.code,
                    "label": one.label,
                    "envelope": one.budget_line.amount,
                    "committed": one.budget_line.committed,
                    "reserves": one.reserves,
                    "sheets_required": one.sheets_required,
                }
                for one in call.volets.select_related("budget_line")
            ],
            "editions": [
                {"version": one.version, "digest": one.digest, "process": one.definition.digest}
                for one in editions
            ],
        }
        yield "call/call.json", [_json(told)]
        processes = {one.definition_id: one.definition for one in editions}
        for edition in editions:
            yield f"call/edition-{edition.version}.json", [edition.body.encode()]
        for process in processes.values():
            yield f"call/process-{process.code}-{process.version}.json", [process.body.encode()]

    def _sheets(self) -> Iterator[bytes]:
        rows = Sheet.objects.filter(assignment__panel__call=self.call, state__in=("handed_in", "excluded"))
        for row in rows.select_related("assignment__dossier", "snapshot").order_by("pk").iterator(CHUNK):
            given = row.assignment
            self.people.add(given.reviewer_id)
            yield _line(
                {
                    "sheet": row.pk,
                    "dossier": given.dossier.number,
                    "reviewer": f"user:{given.reviewer_id}",
                    "state": row.state,
                    "snapshot": row.snapshot.digest,
                    "scores": row.scores,
                    "comments": row.comments,
                    "strengths": row.strengths,
                    "weaknesses": row.weaknesses,
                    "total": row.total,
                    "handed_in_at": _at(row.handed_in_at),
                }
            )

    def _panels(self) -> Iterator[Entry]:
        """Panels, who was given what, what was agreed; the recommendation as it was frozen, and its cases."""
        for panel in Panel.objects.filter(call=self.call).order_by("code"):
            given = Assignment.objects.filter(panel=panel).select_related("dossier").order_by("pk")
            agreed = Consensus.objects.filter(panel=panel).select_related("dossier").order_by("pk")
            frozen = Recommendation.objects.filter(panel=panel).first()
            self.people |= {one.reviewer_id for one in given} | {one.by_id for one in agreed}
            told = {
                "code": panel.code,
                "name": panel.name,
                "state": panel.state,
                "locked_at": _at(panel.locked_at),
                "assignments": [
                    {"dossier": one.dossier.number, "reviewer": f"user:{one.reviewer_id}", "state": one.state}
                    for one in given
                ],
                "consensus": [
                    {
                        "dossier": one.dossier.number,
                        "criterion": one.criterion,
                        "score": one.score,
                        "reason": one.reason,
                        "by": f"user:{one.by_id}",
                    }
                    for one in agreed
                ],
                "digest": frozen.digest if frozen else None,
            }
            yield f"panels/{panel.code}.json", [_json(told)]
            if frozen is not None:
                yield from _recommendation(panel, frozen)

    def _decisions(self) -> Iterator[Entry]:
        """Decisions with their approvals and lines; what was signed and what was selected, as stored."""
        for one in (
            Decision.objects.filter(call=self.call).select_related("volet", "supersedes").order_by("number")
        ):
            name = f"decisions/{one.number}"
            approvals = list(one.approvals.order_by("at", "id"))
            self.people |= {row.user_id for row in approvals} | {one.created_by_id}
            yield f"{name}.json", [_json(_decision(one, approvals))]
            if one.body:
                yield f"{name}-body.json", [one.body.encode()]
                signed = json.loads(one.body)
                yield f"{name}-selection-input.json", [signed["selection_input"].encode()]
                yield f"{name}-selection-result.json", [signed["selection_result"].encode()]
            if one.kind != "correction":
                kept = cases.of_selection(one.selection_input, one.selection_result)
                yield from _case(kept, f"decision-{one.number}")

    # --- people ---------------------------------------------------------------------------------------------
    def _name(self, *actors: str) -> None:
        self.people |= {int(one[5:]) for one in actors if one.startswith("user:")}

    def _people(self) -> Iterator[bytes]:
        """Names of those whom the files name by number; nothing else of them."""
        rows = User.objects.filter(pk__in=sorted(self.people)).order_by("pk")
        for row in rows:
            yield _line({"person": f"user:{row.pk}", "name": str(row), "function": row.function})


def _persons(data: dict[str, Any]) -> list[str]:
    found = (data.get(key) for key in ("user", "from_user", "invited_by"))
    return [f"user:{one}" for one in found if type(one) is int]


def _snapshots(call: Call, step: Step | None) -> Iterator[Entry]:
    """Filed versions as stored, an index of them, and the cases that they froze; a few at a time."""
    index: list[bytes] = []
    found = Snapshot.objects.filter(dossier__call=call).order_by("dossier__number", "version")
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), FEW):
        some = found.filter(pk__in=keys[start : start + FEW]).select_related("dossier", "edition")
        rows = list(some.prefetch_related(Prefetch("findings", Finding.objects.order_by("rule"))))
        filings = _filings({row.dossier_id for row in rows})
        for row in rows:
            name = f"{row.dossier.number}-v{row.version}"
            index.append(_line(_filed(row, name, filings.get(row.pk))))
            yield f"snapshots/{name}.json", [row.text.encode()]
            for kept in cases.of_snapshot(row, row.findings.all()):
                yield from _case(kept, name)
        if step is not None:
            step(list({row.dossier_id: row.dossier for row in rows if row.version == 1}.values()))
    yield "snapshots/index.jsonl", index


def _filings(dossiers: Collection[int]) -> dict[int, int]:
    """The event that filed each version of these dossiers, by key of the version."""
    rows = Event.objects.filter(
        subject_type=reading.DOSSIER, subject_id__in=dossiers, verb__in=reading.filings()
    )
    told = ((json.loads(line)["data"].get("snapshot"), n) for line, n in rows.values_list("line", "n"))
    return {key: n for key, n in told if key is not None}


def _filed(row: Snapshot, name: str, event: int | None) -> dict[str, Any]:
    return {
        "file": f"snapshots/{name}.json",
        "dossier": row.dossier.number,
        "subject": f"{reading.DOSSIER}:{row.dossier_id}",
        "version": row.version,
        "digest": row.digest,
        "code": row.code,
        "received_at": _at(row.received_at),
        "edition": row.edition.version,
        "event": event,
    }


def _recommendation(panel: Panel, frozen: Recommendation) -> Iterator[Entry]:
    name = f"panels/{panel.code}"
    yield f"{name}-scoring.json", [frozen.scoring.encode()]
    yield f"{name}-selection-input.json", [frozen.input.encode()]
    yield f"{name}-selection-result.json", [frozen.result.encode()]
    for number, one in json.loads(frozen.scoring)["dossiers"].items():
        if one.get("input"):
            yield from _case(cases.Kept("scoring", one["input"], one["result"]), number)
    yield from _case(cases.of_selection(frozen.input, frozen.result), f"panel-{panel.code}")


def _decision(one: Decision, approvals: Iterable[Any]) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "volet": one.volet.code,
        "state": one.state,
        "supersedes": one.supersedes.number if one.supersedes else None,
        "reason": one.reason,
        "digest": one.digest,
        "letters_at": _at(one.letters_at),
        "publish_at": _at(one.publish_at),
        "signed_at": _at(one.signed_at),
        "released_at": _at(one.released_at),
        "executed_at": _at(one.executed_at),
        "approvals": [
            {
                "step": row.step,
                "by": f"user:{row.user_id}",
                "at": _at(row.at),
                "digest": row.digest,
                "cancelled_at": _at(row.cancelled_at),
            }
            for row in approvals
        ],
        "lines": [
            {
                **row.as_signed(),
                "reference": row.reference or None,
                "voided_at": _at(row.voided_at),
                "executed_at": _at(row.executed_at),
            }
            for row in one.lines.all()
        ],
    }


def _letters(call: Call) -> Iterator[bytes]:
    """Letters and receipts: what, for which dossier, under which code, with which digest, when it left."""
    rows = Document.objects.filter(call=call).select_related("dossier").defer("content").order_by("pk")
    for row in rows.iterator(CHUNK):
        yield _line(
            {
                "kind": row.kind,
                "dossier": row.dossier.number if row.dossier is not None else None,
                "title": row.title,
                "language": row.language,
                "code": row.code,
                "state": row.state,
                "pdf": row.pdf_digest or None,
                "before_seal": row.unsealed_digest or None,
                "created_at": _at(row.created_at),
                "left_at": _at(row.left_at),
            }
        )


def _case(kept: cases.Kept, name: str) -> Iterator[Entry]:
    yield f"cases/{kept.kind}/{name}.json", [_json(kept.case)]
    yield f"results/{kept.kind}/{name}.json", [_json(kept.result)]


def _cores() -> Iterator[Entry]:
    """The cores as this site runs them, each package with its empty `__init__`."""
    for package in sorted({one.partition("/")[0] for one in CORES}):
        yield f"cores/{package}/__init__.py", []
    for name in CORES:
        yield f"cores/{name}", [(ROOT / name).read_bytes()]


def _at(instant: Any) -> str | None:
    return reading.written(instant) if instant is not None else None


def _json(value: Any) -> bytes:
    return (canonical(value) + "\n").encode()


def _line(value: Any) -> bytes:
    return (canonical(value) + "\n").encode()
