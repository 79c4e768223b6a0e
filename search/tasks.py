"""Jobs: each calls one function."""

from __future__ import annotations

import logging

from celery import shared_task

from search import declare, feed

logger = logging.getLogger(__name__)


@shared_task(name="search.keep")
def keep() -> None:
    """An index outside that is new, wiped, or of an older mapping is filled without anybody asking."""
    for one in declare.sources():
        try:
            feed.keep_outside(one.label)
        except declare.Away as fault:
            logger.warning("the search index is away: %s", fault)
