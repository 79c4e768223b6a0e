"""The column of a state: the only place, with `lifecycle`, that knows django-fsm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django_fsm import FSMField


class StateField(FSMField):
    """A state as plain text; migrations see an ordinary CharField and import no library of ours."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Describe the field to migrations as what it is in the database."""
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs
