"""People, organisations and who may what."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the navigation and the system actors of this app."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what other floors ask for."""
        from accounts import entries

        entries.register()
