"""One's own data as JSON, written as it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from accounts.models import User
from notifications import personal
from web import clock
from workflows.engine import record


@require_safe
def my_data(request: HttpRequest) -> StreamingHttpResponse:
    """What the site keeps about the person who asks: a right of access, answered at once."""
    key: Any = request.user.pk
    user = User.objects.select_related("home").get(pk=key)
    asked = request.method == "GET"
    if asked:
        record(user, "own_data", actor=user)
    given = written(user, request.session, get_language() or "fr-ca") if asked else iter(())
    response = StreamingHttpResponse(given, content_type="application/json; charset=utf-8")
    name = f"mes-donnees-{clock.today().isoformat()}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def written(user: User, session: Any, language: str) -> Iterator[str]:
    """The document piece by piece: a long part row by row."""
    mark = "{"
    with override(language):
        parts = list(personal.parts(user, session))  # what is long is only begun
    for name, part in parts:
        yield f"{mark}\n{json.dumps(name)}: "
        mark = ","
        if isinstance(part, Iterator):
            yield from _rows(part)
        else:
            yield json.dumps(part, ensure_ascii=False, indent=1)
    yield "\n}\n"


def _rows(rows: Iterator[Any]) -> Iterator[str]:
    mark = "["
    for row in rows:
        yield f"{mark}\n {json.dumps(row, ensure_ascii=False)}"
        mark = ","
    yield "\n]" if mark == "," else "[]"
