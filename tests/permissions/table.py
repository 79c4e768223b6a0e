"""Reads the permission table: `table.txt`, one line a cell of route, relation and method."""

from __future__ import annotations

from pathlib import Path

GROUPS: dict[str, tuple[str, ...]] = {
    "LEAD": ("signatory", "drafter"),
    "STAFF": ("manager", "authority", "auditor", "analyst", "second_analyst", "secretary"),
    "KNOW": ("manager", "authority", "auditor", "secretary"),
    "CALLS": ("manager", "authority", "auditor", "analyst", "second_analyst", "secretary", "recused_analyst"),
    "JURY": ("reviewer", "peer", "chair"),
    "PANEL": ("reviewer", "peer", "undeclared", "unassigned", "recused_reviewer", "chair", "late_chair"),
    "VISITORS": ("anonymous", "suspended"),
}
Cell = tuple[str, str, str]


def read() -> dict[Cell, dict[str, str]]:
    """Expected status by role for each cell; `*` is everybody the cell does not name."""
    found: dict[Cell, dict[str, str]] = {}
    for line in (Path(__file__).parent / "table.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head, _bar, tail = line.partition("|")
        name, relation, methods = head.split()
        expected: dict[str, str] = {}
        for part in tail.split("|"):
            status, *roles = part.split() or [""]
            for role in roles:
                for one in GROUPS.get(role, (role,)):
                    expected[one] = status
        for method in methods.split("+"):
            cell = (name, relation, method)
            if cell in found:
                raise ValueError(f"two lines for {cell}")
            found[cell] = expected
    return found


def expected_of(cell: dict[str, str], role: str) -> str:
    """What a person meets: named, or everybody else, or by default sign-in for visitors and 404 for the rest."""
    if role in cell:
        return cell[role]
    if role in GROUPS["VISITORS"]:
        return cell.get("*visitor", "login")
    return cell.get("*", "404")
