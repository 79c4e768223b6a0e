"""Who may be tried in the demonstration: read from the people that the seed marked."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from web.nav import Label

PASSWORD = "jalon-demo-2026"  # of everybody in the demonstration; signing a decision asks for it again


@dataclass(frozen=True)
class Card:
    """One person to try: what he or she does, and the first thing to look at."""

    user: User
    role: Label
    hint: Label


_cards: list[tuple[str, Label, Label, Label]] = []  # e-mail, group, role, hint


def register_card(email: str, group: Label, role: Label, hint: Label) -> None:
    """Declare a person of the demonstration by the e-mail the seed gives."""
    if email not in {known for known, *_ in _cards}:
        _cards.append((email, group, role, hint))


def cards() -> list[tuple[Label, list[Card]]]:
    """The cards of people that exist, by group, in the order of declaration."""
    people = {user.email: user for user in User.objects.filter(email__in=[email for email, *_ in _cards])}
    groups: dict[str, list[Card]] = {}
    for email, group, role, hint in _cards:
        if email in people:
            groups.setdefault(str(group), []).append(Card(people[email], role, hint))
    return list(groups.items())
