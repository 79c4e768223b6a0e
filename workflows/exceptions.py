"""What the engine answers when it does not do what was asked."""

from __future__ import annotations

from collections.abc import Iterable


class EngineError(Exception):
    """Root of everything the engine raises."""


class NotVisible(EngineError):
    """The person does not see the subject: a page answers 404."""


class NotAllowed(EngineError):
    """The person sees the subject but may not ask for this verb: a page answers 403."""


class Refused(EngineError):
    """The verb cannot be done now; `reasons` are sentences for the person who asked."""

    def __init__(self, reasons: Iterable[object]) -> None:
        self.reasons: tuple[str, ...] = tuple(str(reason) for reason in reasons)
        super().__init__(" ".join(self.reasons))


class Stale(EngineError):
    """The person looked at an older version (`seen`) than the present one (`version` of `subject`)."""

    def __init__(self, subject: object, seen: int, version: int) -> None:
        self.subject, self.seen, self.version = subject, seen, version
        super().__init__(f"{subject!r} is at version {version}, not {seen}")


class OutsideEngine(EngineError):
    """A programming error: a state, a stage or a verb was touched without the engine."""


class NotNow(EngineError):
    """What a delivery needs is away (a server that is stopped): it waits, however long, and is never parked.

    `is_for_all`: every other delivery to this consumer would meet the same, and waits with it untried.
    """

    def __init__(self, why: str, *, is_for_all: bool = False) -> None:
        self.is_for_all = is_for_all
        super().__init__(why)


class NotLocked(EngineError):
    """A programming error: a row was touched that the outer verb did not declare."""
