"""The one signal of the house: sent on commit, and only a nudge."""

from __future__ import annotations

from django.dispatch import Signal

event_recorded = Signal()
"""Sent with `events`, the list of those just committed; whoever misses it is served by the sweep."""
