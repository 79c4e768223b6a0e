"""The app that tells people: relay of events to messages and documents."""

from functools import partial

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

# The site acting by its own rules, on behalf of the person whose decision it carries out.
SYSTEM_ACTORS = (
    ("release", _("Exécution de la décision")),
    ("lapse", _("Échéance d’une offre")),
    ("withdrawal", _("Suite d’un désistement")),
    ("silence", _("Échéance d’une demande de compléments")),
    ("claim_refused", _("Suite d’un mandat refusé")),
    ("restore", _("Restauration d’une sauvegarde")),
    ("scanner", _("Analyse des fichiers")),
)


class NotificationsConfig(AppConfig):
    """Registers the consumer, the sender of secret messages, navigation and vocabulary."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the floors below what this one gives."""
        from accounts.outgoing import register_sender
        from accounts.rules import is_manager
        from notifications import checks as _checks  # noqa: F401 registered by being read
        from notifications import figures, queues, relay, secrets
        from notifications import on_pages as documents
        from notifications.home import register as register_home
        from notifications.views import late, outbox
        from web import nav, tables
        from workflows.actors import declare_system_actor
        from workflows.consumers import register_consumer
        from workflows.vocabulary import declare_event

        for code, label in SYSTEM_ACTORS:
            declare_system_actor(code, label)
        declare_event("sites.site.restore", _("Site restauré d’une sauvegarde"))
        register_consumer("messages", relay.wants, relay.handle)
        register_sender(secrets.send_secret)
        nav.register(_("Envois"), "outbox", face="staff", predicate=is_manager, order=70)
        nav.register(_("Vérifier un document"), "verify", face="public", order=40)
        for key, words, build, page in (
            ("envois", _("Envois"), outbox.outbox_table, "outbox"),
            ("envoi", _("Messages d’un envoi"), outbox.batch_table, "batch"),
        ):
            parts, told = key == "envoi", outbox.DEFINITIONS
            tables.register(key, words, build, page, definitions=told, has_parts=parts)
        for key, one in late.KINDS.items():
            build, told = partial(late.late_table, key), late.DEFINITIONS
            tables.register(f"retards-{key}", one.title, build, f"late_{key}", definitions=told)
        queues.register()
        register_home()
        figures.register()
        documents.register()
        if settings.DEMO:
            from notifications.seeding import cards

            cards.register()
