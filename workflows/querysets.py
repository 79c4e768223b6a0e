"""Reads of subjects; the engine's columns cannot be written through them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from workflows.exceptions import OutsideEngine

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from workflows.actors import Person

ENGINE_COLUMNS = frozenset({"state", "stage", "outcome", "version"})

SubjectT = TypeVar("SubjectT", bound=models.Model)


def refuse_engine_columns(names: Iterable[str], what: str) -> None:
    """Raise when one of the engine's columns is about to be written by somebody else."""
    touched = ENGINE_COLUMNS.intersection(names)
    if touched:
        raise OutsideEngine(f"{what} of {', '.join(sorted(touched))}: only the engine writes these columns")


class SubjectQuerySet(models.QuerySet[SubjectT]):
    """Base of every queryset of subjects; nobody sees anything until the app says who does."""

    def visible_to(self, user: Person | AnonymousUser) -> Self:
        """Rows this person may see; each app overrides it."""
        return self.none()

    def update(self, **kwargs: Any) -> int:
        """Refuse the engine's columns, else update as usual."""
        refuse_engine_columns(kwargs, "update()")
        return super().update(**kwargs)

    def bulk_update(
        self, objs: Iterable[SubjectT], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Refuse the engine's columns, else update as usual."""
        names = list(fields)
        refuse_engine_columns(names, "bulk_update()")
        return super().bulk_update(objs, names, batch_size)

    def bulk_create(
        self,
        objs: Iterable[SubjectT],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[SubjectT]:
        """Refuse to overwrite the engine's columns on conflict, else create as usual."""
        if update_conflicts:
            refuse_engine_columns(update_fields or (), "bulk_create()")
        return super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )
