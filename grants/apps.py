"""Programmes, calls, budgets, decisions, awards and publication."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    """Registers what other floors ask for."""

    name = "grants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare navigation, words of events and what stands above a call."""
        from grants import entries

        entries.register()
