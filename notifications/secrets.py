"""Secret messages of sign-in: stored sealed, sent by the worker, wiped; no token in an event or a log."""

from __future__ import annotations

from uuid import uuid4

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.outgoing import SecretMessage
from notifications.compose import Draft, in_language, write
from notifications.queues import wake
from notifications.recipients import Recipient


def subject_of(kind: str) -> str:
    """The subject of each kind of secret message; it never holds a secret."""
    subjects = {
        "password_reset": _("Choisir un nouveau mot de passe"),
        "sign_in_code": _("Votre code de connexion"),
        "email_code": _("Confirmer votre adresse"),
        "account_exists": _("Vous avez déjà un compte"),
        "unknown_account": _("Aucun compte à cette adresse"),
        "account_created": _("Un compte est ouvert à votre nom"),
        "factor_on": _("Double authentification activée"),
        "factor_off": _("Double authentification désactivée"),
        "factor_reset": _("Votre double authentification a été retirée"),
        "recovery_used": _("Un code de secours a servi"),
        "invitation": _("Une invitation vous attend"),
    }
    return subjects[kind]


def send_secret(message: SecretMessage) -> None:
    """Write the row of a secret message; a worker sends it within seconds."""
    user = User.objects.filter(pk=message.user_id).first() if message.user_id else None
    to = Recipient(message.to, str(user) if user else "", message.language, user)
    with in_language(message.language):
        subject = subject_of(message.kind)
        body = render_to_string(f"mail/secret_{message.kind}.txt", dict(message.facts)).strip() + "\n"
    write(Draft(kind="secret", key=f"secret:{uuid4().hex}", subject=subject, body=body), [to])
    wake()
