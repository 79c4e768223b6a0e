"""A small machine that the tests of the engine drive."""

from __future__ import annotations

from typing import Any

from django.db import models

from workflows import engine
from workflows.lifecycle import StateField, Subject, verb


class State(models.TextChoices):
    DRAFT = "draft"
    IN_PROGRESS = "in_progress"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


def is_owner(folder: Any, user: Any) -> bool:
    """The folder's own person."""
    return bool(folder.owner_id == user.pk)


def is_clerk(folder: Any, user: Any) -> bool:
    """Anybody but the owner."""
    return not is_owner(folder, user)


def title_is_given(folder: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """A folder is filed with a title."""
    return None if folder.title else "Donnez un titre."


class FolderLifecycle(Subject):
    """Filed, then accepted or rejected."""

    lock_rank = 40
    state = StateField(default=State.DRAFT, choices=State.choices)

    class Meta:
        abstract = True

    @verb(
        source=State.DRAFT,
        target=State.IN_PROGRESS,
        who=is_owner,
        label="Déposer",
        guards=(title_is_given,),
        order=10,
    )
    def submit(self, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Number the folder and send it to the first stage."""
        self.number = engine.next_number(self.chain_code())
        self.move(stage="check", outcome="filed")
        self.count_submit()
        return {"number": self.number}

    @verb(
        source=[State.IN_PROGRESS],
        target=lambda folder, data: data["end"],
        who=is_clerk,
        label="Décider",
        system=("release",),
        needs_reason=True,
        order=20,
    )
    def decide(self, *, actor: Any, end: str, text: str = "", **data: Any) -> None:
        """End the folder as the clerk chose."""

    @verb(
        source="*",
        target=None,
        who=lambda folder, user: True,
        label="Classer",
        locks=lambda folder, actor, data: [folder.drawer],
        order=30,
    )
    def classify(self, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Count the folder in its drawer, which is a subject too."""
        if self.drawer is not None:
            engine.fire(self.drawer, "fill", actor=actor)
        return {}

    @verb(source="*", target=None, who=lambda folder, user: True, label="Mal classer", order=40)
    def misfile(self, *, actor: Any, **data: Any) -> None:
        """Touch the drawer without having declared it."""
        engine.fire(self.drawer, "fill", actor=actor)

    @verb(source="*", target=None, who=lambda folder, user: True, label="Compter", order=45)
    def count(self, *, actor: Any, **data: Any) -> None:
        """Let somebody else write a column of the same row meanwhile."""
        type(self).objects.filter(pk=self.pk).update(number=77)
        self.title = "Compté"

    @verb(source="*", target=None, who=lambda folder, user: True, label="Échouer", order=50)
    def fail(self, *, actor: Any, **data: Any) -> None:
        """Break half-way."""
        self.title = "half"
        raise ValueError("half-way")


class DrawerLifecycle(Subject):
    """Filled for ever."""

    lock_rank = 50
    state = StateField(default="open")

    class Meta:
        abstract = True

    @verb(source="open", target=None, who=lambda drawer, user: True, label="Remplir")
    def fill(self, *, actor: Any, **data: Any) -> dict[str, Any]:
        """One more folder."""
        self.count += 1
        return {"count": self.count}
