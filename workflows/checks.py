"""System checks: triggers in place, providers and kinds of stage complete, verbs well declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connections

from workflows import providers, stages, triggers
from workflows.lifecycle import Subject, verbs_of

INCOMPLETE = checks.Error


@checks.register(checks.Tags.database)
def triggers_are_installed(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Compare the triggers of each database with those expected; a database without tables is let be.

    A warning, because `migrate` itself checks first and is what repairs them; `check --fail-level WARNING`
    is for the doctor.
    """
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if triggers.EVENTS not in connection.introspection.table_names():
            continue
        absent = triggers.missing(connection)
        if absent:
            found.append(
                checks.Warning(
                    f"database {alias!r} lacks triggers: {', '.join(sorted(absent))}",
                    hint="Run manage.py migrate, which installs them.",
                    id="workflows.W001",
                )
            )
    return found


@checks.register("workflows")
def providers_are_complete(**kwargs: Any) -> list[checks.CheckMessage]:
    """Fail when a declared provider or the behaviour of a kind of stage is missing."""
    absent = [f"provider {name}" for name in providers.missing()]
    absent += [f"behaviour of kind {name}" for name in stages.missing()]
    return [
        INCOMPLETE(f"{what} was declared but nobody registered it", id="workflows.E001") for what in absent
    ]


@checks.register("workflows")
def subjects_are_complete(**kwargs: Any) -> list[checks.CheckMessage]:
    """Each subject has its rank in the lock order, its chain and its own `visible_to`."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models():
        if not issubclass(model, Subject):
            continue
        label = model._meta.label
        if not isinstance(getattr(model, "lock_rank", None), int):
            found.append(INCOMPLETE(f"{label} has no lock_rank", id="workflows.E002"))
        if model.chain_code is Subject.chain_code:
            found.append(INCOMPLETE(f"{label} does not say its chain", id="workflows.E003"))
        if not hasattr(model._default_manager, "visible_to"):
            found.append(INCOMPLETE(f"{label}.objects has no visible_to", id="workflows.E004"))
        if not verbs_of(model):
            found.append(INCOMPLETE(f"{label} has no verb", id="workflows.E005"))
    return found
