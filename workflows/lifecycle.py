"""Subjects and verbs: what an app's `lifecycle.py` is written with.

    class DossierLifecycle(Subject):
        lock_rank = 40
        state = StateField(default="draft", choices=State)

        @verb(source="draft", target="in_progress", who=is_signatory, label=_("Déposer"))
        def submit(self, *, actor, **data):
            '''Freeze the snapshot and number the dossier.'''

Only `workflows.engine.fire` may call such a method.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django_fsm import GET_STATE, transition

from workflows.exceptions import OutsideEngine
from workflows.fields import StateField
from workflows.querysets import ENGINE_COLUMNS, SubjectQuerySet, refuse_engine_columns

if TYPE_CHECKING:
    from workflows.actors import Actor

__all__ = ["StateField", "Subject", "SubjectQuerySet", "Verb", "state_check", "verb", "verbs_of"]

Data: TypeAlias = dict[str, Any]
Who: TypeAlias = Callable[[Any, Any], bool]
Guard: TypeAlias = Callable[[Any, "Actor", Data], "object"]
LockTarget: TypeAlias = "models.Model | models.QuerySet[Any] | None"
Locks: TypeAlias = Callable[[Any, "Actor", Data], Iterable[LockTarget]]
Target: TypeAlias = str | Callable[[Any, Data], str] | None
Method = TypeVar("Method", bound=Callable[..., Any])


class Subject(models.Model):
    """A row with a state: state, stage, outcome and version are written by the engine alone."""

    lock_rank: ClassVar[int]

    state = StateField()
    stage = models.CharField(max_length=60, blank=True, default="")
    outcome = models.CharField(max_length=60, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    _firing: str | None = None

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write every column but the engine's (Django would write them all, from an old copy too)."""
        if self._state.adding:
            if self.pk is not None:
                kwargs["force_insert"] = kwargs.get("force_insert") or True
        elif kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self._own_columns()
        else:
            refuse_engine_columns(kwargs["update_fields"], "save()")
        super().save(*args, **kwargs)

    def chain_code(self) -> str:
        """The chain of this subject's events: the code of its call, else `site`."""
        raise NotImplementedError(f"{type(self).__name__} must say to which chain its events belong")

    def is_own(self, user: Any) -> bool:
        """Surely visible to this person, told from the row in hand, read afresh; False sends to `visible_to`."""
        return False

    def move(self, *, stage: str | None = None, outcome: str | None = None) -> None:
        """Set stage or outcome, from the effect of a verb only."""
        if self._firing is None:
            raise OutsideEngine("stage and outcome are set from the effect of a verb")
        if stage is not None:
            self.stage = stage
        if outcome is not None:
            self.outcome = outcome

    def _own_columns(self) -> list[str]:
        """Names of the loaded columns that are not the engine's."""
        deferred = self.get_deferred_fields()
        return [
            field.name
            for field in self._meta.concrete_fields
            if not field.primary_key
            and not field.generated
            and field.attname not in deferred
            and field.name not in ENGINE_COLUMNS
        ]

    def _column_values(self) -> dict[str, Any]:
        """The loaded values of the row, to tell afterwards which ones an effect changed."""
        loaded = {
            field.name: self.__dict__[field.attname]
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__
        }
        return {
            name: copy.deepcopy(value) if isinstance(value, list | dict) else value
            for name, value in loaded.items()
        }

    def _engine_save(self, before: dict[str, Any]) -> None:
        """Write the engine's columns and those the effect changed, under the lock, on the locked copy."""
        now = self._column_values()
        changed = {name for name, value in now.items() if name not in before or before[name] != value}
        stamped = {field.name for field in self._meta.concrete_fields if getattr(field, "auto_now", False)}
        super().save(update_fields=changed | stamped | ENGINE_COLUMNS)


@dataclass(frozen=True)
class Verb:
    """What was declared beside a verb's method."""

    name: str
    source: tuple[str, ...]
    label: object
    help: object
    who: Who
    guards: tuple[Guard, ...]
    proofs: tuple[Guard, ...]
    form: str | None
    locks: Locks | None
    system: tuple[str, ...]
    needs_reason: bool
    order: int
    doc: str

    def is_from(self, state: str) -> bool:
        """Tell whether the verb leaves from this state."""
        return state in self.source or "*" in self.source

    def reasons(self, subject: Subject, actor: Actor, data: Data) -> list[str]:
        """Every sentence that the guards have against it, in the order of the guards."""
        return _said(self.guards, subject, actor, data)

    def unproven(self, subject: Subject, actor: Actor, data: Data) -> list[str]:
        """What the person has not shown: asked when the act is done, never of a button on a page."""
        return _said(self.proofs, subject, actor, data)

    def targets(self, subject: Subject, actor: Actor, data: Data) -> list[LockTarget]:
        """The subject and every other row the verb declared it touches."""
        others = [] if self.locks is None else list(self.locks(subject, actor, data))
        return [subject, *others]


def _said(guards: Iterable[Guard], subject: Subject, actor: Actor, data: Data) -> list[str]:
    found: list[str] = []
    for guard in guards:
        said = guard(subject, actor, data)
        if isinstance(said, list | tuple):
            found += [str(sentence) for sentence in said if sentence]
        elif said:
            found.append(str(said))
    return found


def verb(
    *,
    source: str | Iterable[str],
    target: Target,
    who: Who,
    label: object,
    help: object = "",  # noqa: A002 - the word a verb is declared with
    guards: Iterable[Guard] = (),
    proofs: Iterable[Guard] = (),
    form: str | None = None,
    locks: Locks | None = None,
    system: Iterable[str] = (),
    needs_reason: bool = False,
    order: int = 0,
) -> Callable[[Method], Method]:
    """Declare a verb.

    `who(subject, user)` has no default. A guard `(subject, actor, data)` answers with nothing, a sentence or
    a list of them; `proofs` are guards asked when the act is done only, about what the person shows at that
    moment in `data` (a page that offers the verb does not ask them). `locks(subject, actor, data)` gives the
    other rows to lock (instances, querysets or None). `target` is a state, None (the state stays) or
    `(subject, data) -> state`, asked after the effect. `form` is the dotted path of a form class, `system`
    the codes of system actors that may ask.
    """
    if who is None or not label:  # type: ignore[redundant-expr]
        raise ImproperlyConfigured("a verb declares who may ask for it and a label")
    sources = (source,) if isinstance(source, str) else tuple(str(item) for item in source)

    def decorate(method: Method) -> Method:
        doc = (method.__doc__ or "").strip()
        if not doc:
            raise ImproperlyConfigured(f"verb {method.__qualname__} has no docstring")
        step = transition(field="state", source=list(sources), target=_fsm_target(target))(method)

        @wraps(step)
        def guarded(self: Subject, *, actor: Actor, **data: Any) -> Any:
            if self._firing != method.__name__:
                raise OutsideEngine(f"{method.__qualname__} is called by workflows.engine.fire only")
            return step(self, actor=actor, **data)

        declared = Verb(
            name=method.__name__,
            source=sources,
            label=label,
            help=help,
            who=who,
            guards=tuple(guards),
            proofs=tuple(proofs),
            form=form,
            locks=locks,
            system=tuple(system),
            needs_reason=needs_reason,
            order=order,
            doc=doc,
        )
        guarded.verb = declared  # type: ignore[attr-defined]
        return cast(Method, guarded)

    return decorate


def _fsm_target(target: Target) -> Any:
    """The target in django-fsm's words."""
    if target is None or isinstance(target, str):
        return target if target is None else str(target)
    chosen = target

    def state_after(subject: Subject, *, actor: Actor, **data: Any) -> str:
        return str(chosen(subject, data))

    return GET_STATE(state_after)


@lru_cache(maxsize=128)
def verbs_of(model: type[models.Model]) -> dict[str, Verb]:
    """The verbs of a subject by name, in the order in which they are offered."""
    found: dict[str, Verb] = {}
    for klass in reversed(model.__mro__):
        for name, attribute in vars(klass).items():
            declared = getattr(attribute, "verb", None) if callable(attribute) else None
            if isinstance(declared, Verb):
                found[name] = declared
            else:
                found.pop(name, None)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def state_check(states: Iterable[Any], name: str) -> models.CheckConstraint:
    """The CHECK that holds the values of `state` (give the TextChoices class or a list of codes)."""
    values = [str(getattr(state, "value", state)) for state in states]
    return models.CheckConstraint(condition=models.Q(state__in=values), name=name)
