"""Where a seed may write: an empty database, or one of the demonstration."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from grants.models import Call


def against(*, large: bool = False) -> str:
    """Why a seed may not write here, or nothing; no option goes around it."""
    if not User.objects.exists() and not Call.objects.exists():
        return ""
    if not settings.DEMO or Call.objects.filter(fictional=False).exists():
        return "This database holds data: seed_demo writes into an empty one, or into that of the demo."
    return "" if large else "The demo is there already: `make demo-reset` empties it."
