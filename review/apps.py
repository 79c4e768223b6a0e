"""Panels, assignments, conflicts, scores, rankings, decisions prepared and carried out."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers what review gives to the floors below."""

    name = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare providers, behaviour of stages, navigation, things to do."""
        from review import decision_todos, entries, figures, reconsideration_entries, stages  # noqa: F401

        entries.register()
        decision_todos.register()
        reconsideration_entries.register()
        figures.register()
