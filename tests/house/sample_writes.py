"""Four ways to write a state that the house forbids: a sample for its own test, never run."""

# mypy: ignore-errors


def four_ways(dossier, rows):
    dossier.state = "accepted"
    rows.update(state="accepted")
    setattr(dossier, "state", "accepted")  # noqa: B010
    rows.bulk_update([dossier], ["state"])
