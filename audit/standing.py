"""What stood at an instant, folded from the events of chains: states, decisions, roles, mandates, recusals.

Pure core: `python -m audit.standing [--at INSTANT] < events.jsonl` runs it alone on the lines of one chain or of
several, one after the other. Lines are taken as they are: `workflows.chain` verifies them.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.casefile import BadInput, main, read, show

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
DOSSIER, DECISION, ASSIGNMENT = "applications.dossier", "grants.decision", "review.assignment"
MEMBERSHIP, PERSON = "accounts.membership", "accounts.user"
FILINGS = ("submit", "resubmit")
ENDS_MANDATE = ("refuse", "remove", "end")
SHUTS = ("declare_conflict", "hand_back", "recuse")
APPROVALS = {
    "propose": "proposed",
    "sign": "signed",
    "ask_release": "release_manager",
    "release": "release_authority",
}

Line = Mapping[str, Any]


@dataclass
class Standing:
    """Everything that the events read so far have left standing."""

    chains: dict[str, dict[str, Any]] = field(default_factory=dict)
    subjects: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[tuple[int, str, str], dict[str, Any]] = field(default_factory=dict)
    mandates: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    recusals: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    suspended: dict[int, str] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Add one event."""
        chain = self.chains.setdefault(line["chain"], {"events": 0, "head": ""})
        chain["events"], chain["head"] = max(chain["events"], line["n"]), line["hash"]
        kind, _, key = line["subject"].partition(":")
        verb, data = line["verb"].rpartition(".")[2], line["data"]
        if line["to"] is not None:
            _move(self.subjects.setdefault(line["subject"], {}), line)
        if kind == DOSSIER:
            _dossier(self.subjects.setdefault(line["subject"], {}), verb, line)
            if verb == "recuse" and type(data.get("person")) is int:
                number = self.subjects[line["subject"]].get("number") or line["subject"]
                self._recuse(f"user:{data['person']}", str(number), line)
        elif kind == DECISION:
            _decision(self.subjects.setdefault(line["subject"], {}), verb, line)
        elif kind == ASSIGNMENT:
            self._assignment(verb, line)
        elif kind == MEMBERSHIP:
            self._mandate(verb, line)
        elif kind == PERSON:
            self._person(int(key), verb, line)

    def _assignment(self, verb: str, line: Line) -> None:
        row, data = self.subjects.setdefault(line["subject"], {}), line["data"]
        if verb == "offer":
            row |= {"state": "offered", "since": line["at"], "dossier": data.get("dossier")}
            if type(data.get("reviewer")) is int:
                row["reviewer"] = f"user:{data['reviewer']}"
        if verb in SHUTS:
            person = f"user:{data['person']}" if type(data.get("person")) is int else row.get("reviewer")
            own = line["actor"] if verb != "recuse" else None
            self._recuse(str(person or own or line["subject"]), str(data.get("dossier")), line)

    def _recuse(self, person: str, dossier: str, line: Line) -> None:
        """Shut somebody out; the first word counts."""
        told = {"person": person, "dossier": dossier, "since": line["at"], "by": line["actor"]}
        self.recusals.setdefault((person, dossier), told)

    def _person(self, person: int, verb: str, line: Line) -> None:
        data = line["data"]
        key = (person, str(data.get("role")), str(data.get("on")))
        if verb == "grant":
            told = {"person": f"user:{person}", "role": key[1], "on": key[2]}
            self.roles.setdefault(key, {**told, "since": line["at"], "by": line["actor"], "n": line["n"]})
        elif verb == "revoke":
            self.roles.pop(key, None)
        elif verb == "suspend":
            self.suspended.setdefault(person, line["at"])
        elif verb == "reinstate":
            self.suspended.pop(person, None)

    def _mandate(self, verb: str, line: Line) -> None:
        data = line["data"]
        own = int(line["actor"][5:]) if line["actor"].startswith("user:") else 0
        person, body = int(data.get("user", own)), str(data.get("organisation"))
        if verb in ENDS_MANDATE:
            self.mandates.pop((person, body), None)
            return
        if verb in ("hand_over", "replace"):
            left = self.mandates.pop((int(data["from_user"]), body), None)
            if left is not None and verb == "hand_over":
                self.mandates[int(data["from_user"]), body] = {
                    **left, "role": "drafter", "since": line["at"]
                }  # fmt: skip
        elif verb not in ("claim", "confirm", "join"):
            return
        self.mandates[person, body] = {
            "person": f"user:{person}",
            "organisation": body,
            "role": data.get("role"),
            "status": "claimed" if verb == "claim" else "confirmed",
            "since": line["at"],
        }

    def told(self) -> dict[str, Any]:
        """The standing as plain data, in a stable order; a suspended person's roles say so."""
        roles = [{**row, "suspended": key[0] in self.suspended} for key, row in sorted(self.roles.items())]
        return {
            "chains": dict(sorted(self.chains.items())),
            "subjects": dict(sorted(self.subjects.items(), key=_by_subject)),
            "roles": roles,
            "mandates": [row for _key, row in sorted(self.mandates.items())],
            "recusals": [row for _key, row in sorted(self.recusals.items())],
        }


def _by_subject(item: tuple[str, Any]) -> tuple[str, int]:
    kind, _, key = item[0].partition(":")
    return kind, int(key)


def _move(row: dict[str, Any], line: Line) -> None:
    """A verb moved (or kept) the state; stage and outcome are told where they changed."""
    data = line["data"]
    if row.get("state") != line["to"] or "to_stage" in data:
        row["since"] = line["at"]
    row["state"] = line["to"]
    if "to_stage" in data:
        row["stage"] = data["to_stage"]
    elif "stage" in data:
        row["stage"] = data["stage"]
    if "outcome" in data:
        row["outcome"] = data["outcome"]


def _dossier(row: dict[str, Any], verb: str, line: Line) -> None:
    data = line["data"]
    if verb in FILINGS and "digest" in data:
        row["number"] = data.get("number", row.get("number"))
        row["snapshot"] = {
            "version": data.get("snapshot_version"), "digest": data["digest"], "at": line["at"], "n": line["n"]
        }  # fmt: skip
    elif verb == "name_analyst":
        row["analyst"] = f"user:{data['analyst']}"
    elif verb == "confirm_aid":
        row["confirmed_aid"] = data["dollars"]
    elif verb == "partner_leave" and row.get("state") != "accepted" and "aid" in data:
        row["confirmed_aid"] = None  # the aid is computed again: what was confirmed falls
    elif verb == "delete":
        row["state"] = "deleted"


def _decision(row: dict[str, Any], verb: str, line: Line) -> None:
    """Approvals stand until a change of the decision; voided lines stay void."""
    data = line["data"]
    if verb == "draft":
        row |= {"state": "draft", "kind": data.get("kind"), "since": line["at"], "approvals": []}
    elif verb in APPROVALS:
        if verb == "propose":
            row["approvals"], row["digest"] = [], data["digest"]
        row.setdefault("approvals", []).append(
            {"step": APPROVALS[verb], "person": line["actor"], "at": line["at"], "digest": data["digest"]}
        )
    elif verb in ("send_back", "edit_line", "set_instants", "refer"):
        row["approvals"] = []
    elif verb == "void_line":
        row.setdefault("voided", []).append(data["line"])


def fold(lines: Iterable[Line], at: str | None = None) -> Standing:
    """The standing left by the events up to an instant, included (all of them when none is given)."""
    made = Standing()
    for line in lines:
        if at is None or line["at"] <= at:
            made.take(line)
    return made


def _options(words: list[str]) -> str | None:
    at: str | None = None
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name != "--at" or at is not None:
            raise BadInput(f"The only option is --at, once, not {show(word)}.")
        at = value if equals else next(rest, "")
        if not INSTANT.fullmatch(at):
            raise BadInput(f"The instant must be like 2026-03-27T20:29:58.123456Z, not {show(at)}.")
    return at


def _fold_input() -> object:
    at = _options(sys.argv[1:])
    if sys.stdin is None:
        raise BadInput("There is no standard input to read events from.")
    made = Standing()
    for place, raw in enumerate(sys.stdin.buffer, start=1):
        try:
            line = read(raw)
            if at is None or line["at"] <= at:  # type: ignore[index]
                made.take(line)  # type: ignore[arg-type]
        except (BadInput, KeyError, TypeError, ValueError, AttributeError):
            raise BadInput(f"Line {place} is not an event.") from None
    return made.told()


if __name__ == "__main__":
    raise SystemExit(main(_fold_input))
