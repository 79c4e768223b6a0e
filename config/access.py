"""gunicorn's own lines, in the shape of all others: one for each request, without query string or address."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog
from django.conf import settings
from gunicorn.glogging import Logger

from config import logs

access = structlog.stdlib.get_logger("access")


class AccessLogger(Logger):  # type: ignore[misc]
    """`logger_class` of deploy/gunicorn.conf.py."""

    def setup(self, cfg: Any) -> None:
        """Take gunicorn's handlers away: everything goes through the one handler of LOGGING."""
        super().setup(cfg)
        logging.config.dictConfig(settings.LOGGING)
        for log in (self.error_log, self.access_log):
            log.handlers = []
            log.propagate = True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """One line a request."""
        number = next((value for name, value in resp.headers if name.lower() == "x-request-id"), "")
        method = str(environ.get("REQUEST_METHOD", ""))
        access.info(
            "request",
            request_id=number,
            method=method if method in logs.METHODS else logs.GONE,
            path=logs.masked(str(environ.get("PATH_INFO", ""))),
            status=int(str(resp.status).split(None, 1)[0]),
            bytes=getattr(resp, "sent", 0) or 0,
            ms=round(request_time.total_seconds() * 1000),
        )
