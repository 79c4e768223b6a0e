"""One shape of log lines for web, worker and commands: JSON in production, plain words elsewhere.

A line says what the program did, never what a person wrote: the words of the program stay, its values go unless
they are numbers, identifiers made by machines or words of the program itself. Paths are cut to the segments that
the addresses of the site declare; an exception is its type and its frames, without message and without locals.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog
from django.urls import URLPattern, URLResolver, get_resolver

BASE = Path(__file__).resolve().parent.parent
GONE = "…"
OURS = {
    "config", "audit", "notifications", "review", "applications", "grants", "accounts", "workflows", "search", "web",
}  # fmt: skip
MACHINE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ENDS = re.compile(r"[:=@'\"«(\[{<]")
WORD_OF_CODE = re.compile(r"[A-Za-z_][A-Za-z_-]{0,40}")
ADDRESS = re.compile(r"\S+@\S+")
TRUSTED_KEYS = {"request_id", "path", "method", "task", "task_id", "level", "logger", "at", "event"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
TALKATIVE = ("pikepdf", "fontTools", "elastic_transport", "pyhanko", "pypdf")  # they tell each step
Fields = dict[str, Any]


# --- what may be said ------------------------------------------------------------------------------


def said(value: Any) -> Any:
    """A value as a line may hold it: a number, an instant, a name of the program; else nothing of it."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, UUID | date | datetime):
        return str(value)
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, str) and (MACHINE.fullmatch(value) or is_word_of_the_program(value)):
        return value
    return GONE


def is_word_of_the_program(text: str) -> bool:
    """Names of exceptions, of tasks and of consumers, reasons of HTTP: a closed list, not a shape."""
    if text in {status.phrase for status in HTTPStatus} or text in METHODS:
        return True
    from config.celery import app
    from workflows.consumers import consumer

    if text in app._tasks or consumer(text) is not None:
        return True
    return bool(WORD_OF_CODE.fullmatch(text)) and text in _exceptions()


def _exceptions() -> set[str]:
    """Names of every exception that is loaded."""
    found: set[str] = set()
    waiting: list[type] = [BaseException]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ not in found:
            found.add(kind.__name__)
            waiting += type.__subclasses__(kind)
    return found


def words(record: logging.LogRecord, template: str, given: Any) -> str:
    """The words of the program in a record, with what was put into them dropped."""
    if not given:
        ours = record.name.split(".")[0] in OURS
        return template if ours or template in source_of(record.pathname) else cut(template)
    safe = {k: said(v) for k, v in given.items()} if isinstance(given, Mapping) else tuple(map(said, given))
    try:
        return template % safe
    except (TypeError, ValueError, KeyError):
        return cut(template)


@lru_cache(maxsize=256)
def source_of(file: str) -> str:
    """The text of a program, "" when it cannot be read: a sentence that stands in it was not put together."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def cut(text: str) -> str:
    """Words of somebody else's code, up to where a value may start."""
    return ENDS.split(ADDRESS.split(text, maxsplit=1)[0], maxsplit=1)[0].strip()[:160]


def masked(path: str) -> str:
    """A path with only the segments that our addresses declare, and numbers; tokens, names, slugs are cut."""
    try:
        known = _segments(get_resolver())
    except Exception:  # noqa: BLE001 (addresses that cannot be loaded: that fault is told elsewhere)
        known = frozenset()
    parts = path.partition("?")[0].split("/")
    return "/".join(part if not part or part.isdecimal() or part in known else GONE for part in parts)[:200]


@lru_cache(maxsize=4)
def _segments(site: URLResolver) -> frozenset[str]:
    """Every fixed segment of the addresses of the site."""
    found = {"en", "static"}
    waiting: list[URLPattern | URLResolver] = list(site.url_patterns)
    while waiting:
        entry = waiting.pop()
        found |= {p for p in str(getattr(entry.pattern, "_route", "")).split("/") if p and "<" not in p}
        if isinstance(entry, URLResolver):
            waiting += entry.url_patterns
    return frozenset(found)


# --- exceptions ------------------------------------------------------------------------------------


def told(error: BaseException) -> list[dict[str, Any]]:
    """An exception and those behind it: type and frames. Messages and locals may hold what people wrote."""
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    fault: BaseException | None = error
    while fault is not None and id(fault) not in seen and len(chain) < 5:
        seen.add(id(fault))
        link = {"type": type(fault).__qualname__, "frames": frames(fault.__traceback__)}
        if link not in chain:
            chain.append(link)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return chain


def frames(trace: TracebackType | None) -> list[str]:
    """Where it came through, the last ten places: file, line, function."""
    found = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return found[-10:]


def _short(file: str) -> str:
    """A file as this checkout or the package names it, never the place of the machine."""
    if "site-packages/" in file:
        return file.rpartition("site-packages/")[2]
    try:
        return str(Path(file).relative_to(BASE))
    except ValueError:
        return Path(file).name


# --- the line --------------------------------------------------------------------------------------


def compose(logger: Any, method: str, event: MutableMapping[str, Any]) -> Fields:
    """From a record of any library to what a line may hold."""
    record: logging.LogRecord = event["_record"]
    ours = event.get("_from_structlog") is True
    dropped = {"exc_info", "stack", "stack_info", "positional_args", "error"}
    line: Fields = {k: v for k, v in event.items() if k in TRUSTED_KEYS}
    if ours:  # fields that our own code named
        line |= {k: said(v) for k, v in event.items() if k not in TRUSTED_KEYS | dropped and k[0] != "_"}
    else:
        line["event"] = words(record, str(event["event"]), event.get("positional_args"))
        line |= _of_request(record)
    fault = event.get("exc_info")
    if fault is True:
        fault = sys.exc_info()
    if isinstance(fault, tuple):
        fault = fault[1]
    if isinstance(fault, BaseException):
        line["error"] = told(fault)
    return line


def _of_request(record: logging.LogRecord) -> Fields:
    """What Django says of a request it refused: method and status, and the path cut to what is ours."""
    found: Fields = {}
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if isinstance(path, str):
        method = str(getattr(request, "method", ""))
        found = {"path": masked(path), "method": method if method in METHODS else GONE}
    status = getattr(record, "status_code", None)
    if isinstance(status, int):
        found["status"] = status
    return found


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


class Formatter(structlog.stdlib.ProcessorFormatter):
    """The formatter of every handler."""

    def __init__(self, json_lines: bool = True, **kwargs: Any) -> None:
        last: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if json_lines
            else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, timestamp_key="at")
        )
        super().__init__(
            foreign_pre_chain=SHARED,
            processors=[
                compose,
                last,
            ],
            use_get_message=False,
            pass_foreign_args=True,
        )


def configuration(json_lines: bool, level: str) -> dict[str, Any]:
    """The LOGGING of settings: one handler, and no library with a handler of its own."""
    plain = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.Formatter", "json_lines": json_lines}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": plain,
            "django.server": plain,
            "celery": plain,
            "gunicorn.error": plain,
            **{name: {"level": "ERROR"} for name in TALKATIVE},
        },
    }


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)
