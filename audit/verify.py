"""What an outsider runs on the folder of an exported call: every digest, every link, every computation.

Pure core: `python -m audit.verify [FOLDER]` reads an unpacked export (the folder above by default), prints what was
held against what, and ends with 0 when everything agrees, 1 when something differs, 2 when there is nothing to read.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from applications import budget, eligibility
from review import scoring, selection
from workflows import chain
from workflows.casefile import BadInput

MANIFEST = "manifest.json"
Core = Callable[[object], Any]


def digest_of(data: bytes) -> str:
    """`sha256:…` of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)


def files(folder: Path) -> Iterator[str]:
    """Each file against its size and digest; none missing, none that the manifest does not name."""
    named = {one["path"]: one for one in _json(folder / MANIFEST)["files"]}
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(there - set(named) - {MANIFEST}):
        yield f"{name}: not in the manifest"
    for name in sorted(set(named) - there):
        yield f"{name}: missing"
    for name in sorted(set(named) & there):
        held = hashlib.sha256()
        with (folder / name).open("rb") as data:
            while piece := data.read(1 << 20):
                held.update(piece)
        if f"sha256:{held.hexdigest()}" != named[name]["sha256"]:
            yield f"{name}: changed"


def links(folder: Path) -> Iterator[str]:
    """The chain of the call, line by line, against its head, its count and the words beside it."""
    head = _json(folder / "chain" / "head.json")
    with (
        (folder / "chain" / "events.jsonl").open("rb") as events,
        (folder / "chain" / "texts.jsonl").open("rb") as texts,
    ):
        found = chain.verify(events, head=head["head"], count=head["events"], texts=texts)
    if not found["ok"]:
        yield f"chain/events.jsonl, line {found['line']}: {found['fault']}"


def site(folder: Path) -> Iterator[str]:
    """The events of the site that concern the roles of the call: each whole in itself, in order."""
    before = 0
    for place, line in enumerate(_lines(folder / "site" / "events.jsonl"), start=1):
        if chain.line_hash(line) != line["hash"]:
            yield f"site/events.jsonl, line {place}: changed"
        if line["n"] <= before:
            yield f"site/events.jsonl, line {place}: reordered"
        before = line["n"]


def snapshots(folder: Path) -> Iterator[str]:
    """Each filed version against its digest, and against the event that filed it."""
    filed: dict[str, set[str]] = {}
    for line in _lines(folder / "chain" / "events.jsonl"):
        if "snapshot_version" in line["data"]:
            filed.setdefault(line["subject"], set()).add(line["data"]["digest"])
    for one in _lines(folder / "snapshots" / "index.jsonl"):
        if digest_of((folder / one["file"]).read_bytes()) != one["digest"]:
            yield f"{one['file']}: not the text of its digest"
        if one["event"] is not None and one["digest"] not in filed.get(one["subject"], set()):
            yield f"{one['file']}: no event files it"


def same(kind: str, case: Any, result: Any) -> bool:
    """Whether the core gives this result for this case; of eligibility the verdicts are compared, by rule."""
    found: Any = CORES[kind](case)
    if kind != "eligibility":
        return bool(found == result)
    told = {one["id"]: one["result"] for one in found}
    return told == {one["id"]: one["result"] for one in result}


CORES: dict[str, Core] = {
    "scoring": scoring.score,
    "selection": selection.select,
    "budget": budget.compute,
    "left": budget.compute,
    "eligibility": eligibility.judge,
}


def cases(kind: str) -> Callable[[Path], Iterator[str]]:
    """Each case of a core computed again and held against the result that the site kept."""

    def compute(folder: Path) -> Iterator[str]:
        for path in sorted((folder / "cases" / kind).glob("*.json")):
            kept = folder / "results" / kind / path.name
            try:
                agrees = same(kind, _json(path), _json(kept))
            except (BadInput, OSError, ValueError) as fault:
                yield f"cases/{kind}/{path.name}: {fault}"
                continue
            if not agrees:
                yield f"cases/{kind}/{path.name}: the core gives another result than the one kept"

    return compute


def kept(folder: Path) -> Iterator[str]:
    """Each aid that an analyst confirmed with its computation: the core again, and the lines against its input."""
    for line in _lines(folder / "chain" / "events.jsonl"):
        data = line["data"]
        if line["verb"] != "applications.dossier.confirm_aid" or "result" not in data:
            continue
        where = f"chain/events.jsonl, event {line['n']}"
        try:
            found = budget.compute(data["input"])
        except BadInput as fault:
            yield f"{where}: {fault}"
            continue
        if {name: value for name, value in found.items() if name != "explanation"} != data["result"]:
            yield f"{where}: the core gives another result than the one kept"
        if not 0 < data["dollars"] <= data["result"]["aid"]:
            yield f"{where}: more than the costs that are kept give"
        costs = {one["id"]: one.get("asked", one["amount"]) for one in data["input"]["costs"]}
        for one in data["lines"]:
            if costs.get(one["id"]) != one["kept"] or (one["kept"] < one["asked"] and not one["reason"]):
                yield f"{where}: line {one['id']} is not what its computation counts"


def left(folder: Path) -> Iterator[str]:
    """The aid after each departure: the case that was filed without the bodies that left, and the core again."""
    yield from cases("left")(folder)
    filed = {
        (one["subject"], one["version"]): one["file"] for one in _lines(folder / "snapshots" / "index.jsonl")
    }
    for line in _lines(folder / "chain" / "events.jsonl"):
        data = line["data"]
        if line["verb"] != "applications.dossier.partner_leave" or "result" not in data:
            continue
        where = f"chain/events.jsonl, event {line['n']}"
        frozen = _json(folder / filed[line["subject"], data["version"]])
        lead = next(f"{one['scheme']}:{one['code']}" for one in frozen["bodies"] if one["role"] == "lead")
        case = budget.without(frozen["budget"]["input"], data["left"], lead)
        if data["organisation"] not in data["left"] or case != data["input"]:
            yield f"{where}: not what was filed without those who left"
        try:
            found = budget.compute(data["input"])
        except BadInput as fault:
            yield f"{where}: {fault}"
            continue
        if {name: value for name, value in found.items() if name != "explanation"} != data["result"]:
            yield f"{where}: the core gives another result than the one kept"
        if data["aid"] not in (data["result"]["aid"], data["aid_before"]):  # an award stands as it was
            yield f"{where}: the aid is not the one computed"


def panels(folder: Path) -> Iterator[str]:
    """Each frozen recommendation against its digest and the event of its lock; the notes against its texts."""
    locks = {
        line["data"]["digest"]
        for line in _lines(folder / "chain" / "events.jsonl")
        if line["verb"] == "review.panel.lock"
    }
    for path in sorted((folder / "panels").glob("*-scoring.json")):
        name = path.name.removesuffix("-scoring.json")
        scored = path.read_text(encoding="utf-8")
        given = (folder / "panels" / f"{name}-selection-input.json").read_text(encoding="utf-8")
        result = (folder / "panels" / f"{name}-selection-result.json").read_text(encoding="utf-8")
        digest = _json(folder / "panels" / f"{name}.json")["digest"]
        text = chain.canonical({"scoring": scored, "input": given, "result": result})
        if digest_of(text.encode()) != digest:
            yield f"panels/{name}: not the texts of its digest"
        if digest not in locks:
            yield f"panels/{name}: no event of the chain locks it"
        if (folder / "cases" / "selection" / f"panel-{name}.json").read_text(
            encoding="utf-8"
        ) != given + "\n":
            yield f"cases/selection/panel-{name}.json: not what was frozen"
        for number, one in json.loads(scored)["dossiers"].items():
            if one["input"] and _json(folder / "cases" / "scoring" / f"{number}.json") != one["input"]:
                yield f"cases/scoring/{number}.json: not what was frozen"


def decisions(folder: Path) -> Iterator[str]:
    """Each signed decision: its text against its digest, its event, its selection; its lines against the rule."""
    signed = {
        line["data"]["digest"]
        for line in _lines(folder / "chain" / "events.jsonl")
        if line["verb"] == "grants.decision.sign"
    }
    for path in sorted((folder / "decisions").glob("*-body.json")):
        where, text = f"decisions/{path.name}", path.read_bytes()
        told = _json(path.with_name(path.name.replace("-body", "")))
        if digest_of(text) != told["digest"]:
            yield f"{where}: not the text of its digest"
        if told["signed_at"] is not None and told["digest"] not in signed:
            yield f"{where}: no event of the chain signs it"
        body = json.loads(text)
        for part in ("input", "result"):
            beside = path.with_name(path.name.replace("-body", f"-selection-{part}"))
            if beside.read_text(encoding="utf-8") != body[f"selection_{part}"]:
                yield f"decisions/{beside.name}: not what was signed"
        number = path.name.removesuffix("-body.json")
        case = folder / "cases" / "selection" / f"decision-{number}.json"
        if case.exists() and case.read_text(encoding="utf-8") != body["selection_input"] + "\n":
            yield f"cases/selection/{case.name}: not what was signed"
        yield from (f"{where}: {fault}" for fault in departures(body))


# Decisions whose lines are not what a selection proposed: corrected by hand, or granted after a reversed refusal.
OF_NO_RANKING = frozenset({"correction", "reconsideration"})


def departures(body: dict[str, Any]) -> Iterator[str]:
    """Lines of a signed decision that are not what the rule proposes, though no reason is given."""
    result = json.loads(body["selection_result"])
    offers = {one["id"]: one for one in result["offers"]}
    for line in body["lines"]:
        offer = offers.get(line["dossier"])
        if body["kind"] not in OF_NO_RANKING and line["proposed_amount"] != (offer["amount"] if offer else 0):
            yield f"{line['dossier']}: the amount proposed is not the rule's"
        departs = (line["outcome"], line["amount"]) != (line["proposed"], line["proposed_amount"])
        if departs and not line["departure_reason"].strip():
            yield f"{line['dossier']}: departs from the rule without a reason"


CHECKS: dict[str, Callable[[Path], Iterator[str]]] = {
    "files": files,
    "chain": links,
    "site": site,
    "snapshots": snapshots,
    "scoring": cases("scoring"),
    "selection": cases("selection"),
    "budget": cases("budget"),
    "eligibility": cases("eligibility"),
    "kept": kept,
    "left": left,
    "panels": panels,
    "decisions": decisions,
}


def check(folder: Path) -> dict[str, list[str]]:
    """What is wrong, by check; every check is run."""
    found: dict[str, list[str]] = {}
    for name, hold in CHECKS.items():
        try:
            found[name] = list(hold(folder))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            found[name] = [f"cannot be read: {re.sub(r'[^ -~]', '?', str(fault))}"]
    return found


def main(words: list[str]) -> int:
    """Run every check on a folder and print one line each, then each fault."""
    folder = Path(words[0]) if words else Path("..")
    if len(words) > 1 or not (folder / MANIFEST).is_file():
        sys.stderr.write("Give the folder of an unpacked export: it holds manifest.json.\n")
        return 2
    found = check(folder)
    for name, faults in found.items():
        sys.stdout.write(f"{'FAULT' if faults else 'ok':5} {name}\n")
        sys.stdout.writelines(f"      {fault}\n" for fault in faults)
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
