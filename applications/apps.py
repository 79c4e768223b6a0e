"""Dossiers: drafts, filing, completeness and eligibility."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Registers what other floors ask for."""

    name = "applications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give the kinds of stage their behaviour, events their words and mandates their effects."""
        from applications import entries, search, staff_entries, stages, starting  # noqa: F401  (kinds intake, check and countersign)
        from grants import cockpit

        entries.register()
        staff_entries.register()
        search.register()
        cockpit.register_start(starting.offer)
