"""The auditor's floor: reads every app, changes nothing, is known by none."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers navigation, the hint of the home and the words of the export."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the floors below what this one gives."""
        from audit import entries

        entries.register()
