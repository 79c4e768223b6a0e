from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WorkflowsConfig(AppConfig):
    """The engine, its events and its definitions."""

    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Install triggers after migrations and register the checks."""
        from workflows import checks, triggers  # noqa: F401

        post_migrate.connect(triggers.install_after_migrate, sender=self)
