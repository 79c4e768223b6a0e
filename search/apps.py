"""The index of what people may look for, and its backends. Knows no app."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """What is indexed is declared by each app (`<app>/search.py`)."""

    name = "search"
    default_auto_field = "django.db.models.BigAutoField"
