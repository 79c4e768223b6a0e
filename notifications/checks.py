"""`manage.py check --deploy` says when documents would wait for a seal, and when its certificate soon ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import checks
from django.db import Error

from notifications import certificate
from notifications.letters.seal import SealTrouble
from web import clock

SOON = timedelta(days=30)


@checks.register(checks.Tags.security, deploy=True)
def check_seal(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A seal that is given can be put, today and in a month."""
    try:
        found = certificate.sealer()
    except SealTrouble as trouble:
        said = f"Documents wait for their seal: {trouble}."
        return [checks.Error(said, hint="docs/letters.md, « The seal »", id="jalon.E020")]
    except Error:  # no table yet: nothing was ever sealed here
        return []
    if found is not None and found.certificate.not_valid_after_utc < clock.now() + SOON:
        said = f"The certificate of the seal ends on {found.certificate.not_valid_after_utc:%Y-%m-%d}."
        return [checks.Warning(said, hint="docs/letters.md, « The seal »", id="jalon.W020")]
    return []
