"""A session as its owner reads it: which device, since when, last seen when; no address and no place."""

from __future__ import annotations

from django.db import models

from accounts.models.user import User
from web import clock


class OpenSession(models.Model):
    """One browser in which a person is signed in; the session itself is Django's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    browser = models.CharField(max_length=12, blank=True)
    system = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.browser} {self.system}"
