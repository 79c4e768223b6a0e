"""audit.standing: what stood at an instant, from events alone; held against a slow reading of the same events."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from audit import standing
from tests import cores

AT = "2026-04-{:02d}T12:00:00.000000Z"


def event(
    n: int, verb: str, subject: str, *, actor: str = "user:1", to: str | None = None, **data: Any
) -> Any:
    """An event of day n; the chain is `site` for accounts."""
    chain = "site" if subject.startswith("accounts.") else "TI-2026"
    return {
        "v": 1, "chain": chain, "n": n, "at": AT.format(n), "verb": verb, "subject": subject, "actor": actor,
        "behalf": None, "request": "", "from": None, "to": to, "data": data, "text": None, "prev": "", "hash": f"h{n}",
    }  # fmt: skip


GRANTS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "revoke"]), st.integers(1, 2), st.sampled_from(["manager", "auditor"])
    ),
    max_size=12,
)


@given(GRANTS, st.integers(0, 13))
def test_a_role_stands_from_its_grant_to_its_revocation(acts: list[tuple[str, int, str]], day: int) -> None:
    lines = [
        event(n, f"accounts.user.{verb}", f"accounts.user:{person}", role=role, on="grants.call:3")
        for n, (verb, person, role) in enumerate(acts, start=1)
    ]
    told = standing.fold(lines, AT.format(day) if day else "2026-01-01T00:00:00.000000Z").told()["roles"]
    expected = set()
    for person in (1, 2):
        for role in ("manager", "auditor"):
            mine = [verb for verb, who, what in acts[:day] if (who, what) == (person, role)]
            if mine and mine[-1] == "grant":
                expected.add((f"user:{person}", role))
    assert {(one["person"], one["role"]) for one in told} == expected


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["in_progress", "with_applicant", "rejected"]),
        st.sampled_from([None, "examen", "comite"]),
        st.sampled_from([None, "complet", "refus"]),
    ),
    min_size=1,
    max_size=10,
)


@given(MOVES, st.data())
def test_a_dossier_is_where_its_last_move_left_it(moves: list[Any], data: Any) -> None:
    lines, state, stage, outcome = [], [], "", ""
    for n, (to, to_stage, told) in enumerate(moves, start=1):
        said = {"stage": stage} if stage or to_stage else {}
        if to_stage and to_stage != stage:
            said["to_stage"] = stage = to_stage
        if told and told != outcome:
            said["outcome"] = outcome = told
        lines.append(event(n, "applications.dossier.advance", "applications.dossier:41", to=to, **said))
        state.append((to, stage, outcome))
        lines.append(event(n, "applications.dossier.file_read", "applications.dossier:41", stage=stage))
    day = data.draw(st.integers(1, len(moves)))
    row = standing.fold(lines, AT.format(day)).subjects["applications.dossier:41"]
    assert (row["state"], row.get("stage", ""), row.get("outcome", "")) == state[day - 1]
    whole = standing.fold(lines[: 2 * day]).subjects["applications.dossier:41"]
    assert row == whole


def test_mandates_are_claimed_confirmed_handed_over_and_ended() -> None:
    body = {"organisation": "qc:31056"}
    lines = [
        event(
            1, "accounts.membership.claim", "accounts.membership:1", actor="user:7", role="signatory", **body
        ),
        event(2, "accounts.membership.confirm", "accounts.membership:1", role="signatory", user=7, **body),
        event(3, "accounts.membership.join", "accounts.membership:2", role="drafter", user=8, **body),
        event(
            4,
            "accounts.membership.hand_over",
            "accounts.membership:2",
            role="signatory",
            user=8,
            from_user=7,
            **body,
        ),
        event(5, "accounts.membership.end", "accounts.membership:1", role="drafter", user=7, **body),
    ]

    def held(day: int) -> list[tuple[str, str, str]]:
        rows = standing.fold(lines, AT.format(day)).told()["mandates"]
        return [(one["person"], one["role"], one["status"]) for one in rows]

    assert held(1) == [("user:7", "signatory", "claimed")]
    assert held(2) == [("user:7", "signatory", "confirmed")]
    assert held(4) == [("user:7", "drafter", "confirmed"), ("user:8", "signatory", "confirmed")]
    assert held(5) == [("user:8", "signatory", "confirmed")]


def test_a_change_cancels_the_approvals_of_a_decision() -> None:
    one = "grants.decision:3"
    lines = [
        event(1, "grants.decision.draft", one, kind="main", lines=4),
        event(2, "grants.decision.propose", one, to="proposed", digest="sha256:a", lines=4),
        event(3, "grants.decision.send_back", one, to="returned", digest="sha256:a"),
        event(4, "grants.decision.propose", one, to="proposed", digest="sha256:b", lines=4),
        event(5, "grants.decision.sign", one, to="signed", digest="sha256:b", dollars=5),
        event(6, "grants.decision.void_line", one, to="signed", line=9, dollars=5),
    ]

    def told(day: int) -> tuple[str, str | None, list[str]]:
        row = standing.fold(lines, AT.format(day)).subjects[one]
        return row["state"], row.get("digest"), [each["step"] for each in row["approvals"]]

    assert told(1) == ("draft", None, [])
    assert told(2) == ("proposed", "sha256:a", ["proposed"])
    assert told(3) == ("returned", "sha256:a", [])
    assert told(5) == ("signed", "sha256:b", ["proposed", "signed"])
    assert standing.fold(lines).subjects[one]["voided"] == [9]


def test_recusals_name_the_person_whatever_the_act() -> None:
    lines = [
        event(1, "review.assignment.offer", "review.assignment:5", dossier="TI-0001", reviewer=9),
        event(2, "review.assignment.declare_conflict", "review.assignment:5", actor="user:9", to="recused",
              dossier="TI-0001"),
        event(3, "review.assignment.recuse", "review.assignment:6", to="recused", dossier="TI-0002", person=4),
        event(4, "applications.dossier.submit", "applications.dossier:41", to="in_progress", number="TI-0003",
              digest="sha256:a", snapshot_version=1),
        event(5, "applications.dossier.recuse", "applications.dossier:41", person=3, recusal=8),
    ]  # fmt: skip
    rows = standing.fold(lines).told()["recusals"]
    assert [(one["person"], one["dossier"]) for one in rows] == [
        ("user:3", "TI-0003"), ("user:4", "TI-0002"), ("user:9", "TI-0001"),
    ]  # fmt: skip


def test_a_suspended_person_s_roles_say_so() -> None:
    lines = [
        event(1, "accounts.user.grant", "accounts.user:4", role="analyst", on="grants.call:3"),
        event(2, "accounts.user.suspend", "accounts.user:4"),
        event(3, "accounts.user.reinstate", "accounts.user:4"),
    ]
    assert [standing.fold(lines, AT.format(day)).told()["roles"][0]["suspended"] for day in (1, 2, 3)] == [
        False, True, False,
    ]  # fmt: skip


def test_alone() -> None:
    lines = [event(1, "accounts.user.grant", "accounts.user:4", role="analyst", on="grants.call:3")]
    given = b"".join(json.dumps(one).encode() + b"\n" for one in lines)
    assert cores.answer("audit.standing", given)["roles"][0]["person"] == "user:4"
    assert cores.answer("audit.standing", given, "--at", "2026-01-01T00:00:00.000000Z")["roles"] == []
    assert "Line 1 is not an event" in cores.refusal("audit.standing", b'{"a": 1}\n')
    assert "The instant must be like" in cores.refusal("audit.standing", given, "--at", "hier")
