"""The app of the look and of the edge: lists, formats, calendar, clock, middleware. It knows no other app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Wire the session's stamp to sign-in."""

    name = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stamp each new session in the write that creates it."""
        from django.core import checks

        from web import export_jobs, jobs, nav
        from web.session import on_sign_in

        jobs.register(export_jobs.QUEUE)
        checks.register(jobs.queues_are_declared, "web")

        user_logged_in.connect(on_sign_in, dispatch_uid="web.session.on_sign_in")
        nav.register(_("À faire"), "home", face="staff", order=1)
        nav.register(_("À faire"), "home", face="applicant", predicate=nav.signed_in, order=1)
        nav.register(_("À faire"), "home", face="public", predicate=nav.signed_in, order=1)
