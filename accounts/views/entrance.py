"""The sign-in library's views, refused kindly when the cache that counts attempts does not answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from redis.exceptions import RedisError

from accounts import claimed

View = Callable[..., HttpResponseBase]


def kindly(view: View) -> View:
    """Answer « not now » rather than let anybody in uncounted, or fail without a word."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return _with_face(request, view(request, *args, **kwargs))
        except RedisError:
            return render(request, "account/unavailable.html", status=503)

    return answer


def _with_face(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """A page of the library wears the face of whoever reads it."""
    user: Any = request.user
    if isinstance(answer, TemplateResponse) and user.is_authenticated:
        answer.context_data = {"base": claimed.base_for(user), **(answer.context_data or {})}
    return answer
