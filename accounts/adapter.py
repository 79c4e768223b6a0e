"""django-allauth's adapter: its messages become rows, its words become ours."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import outgoing, sealing
from web.clock import is_trusted_peer

KINDS = {
    "account/email/password_reset_key": "password_reset",
    "account/email/unknown_account": "unknown_account",
    "account/email/account_already_exists": "account_exists",
    "account/email/email_confirmation": "email_code",
    "account/email/email_confirmation_signup": "email_code",
    "account/email/login_code": "sign_in_code",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Never sends inside a request; never tells whether an account exists."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "Ce courriel et ce mot de passe ne vont pas ensemble. Vérifiez les deux, ou demandez un code par courriel."
        ),
        "too_many_login_attempts": _(
            "Trop d’essais. Attendez cinq minutes, ou demandez un code par courriel."
        ),
        "too_many_codes": _("Trop de codes faux. Attendez cinq minutes et recommencez."),
        "rate_limited": _("Trop de demandes en peu de temps. Attendez une minute et recommencez."),
        "incorrect_code": _("Ce code n’est pas le bon. Copiez celui du dernier message reçu."),
        "incorrect_password": _("Ce mot de passe n’est pas le bon."),
        "enter_current_password": _("Inscrivez votre mot de passe actuel."),
        "email_taken": _("Ce courriel a déjà un compte."),
        "invalid_login": _("Ce courriel et ce mot de passe ne vont pas ensemble."),
        "invalid_password_reset": _("Ce lien a déjà servi ou n’est plus valide."),
        "unknown_email": _("Ce courriel est inconnu."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Ask for the secret message that stands for this mail of the library."""
        kind = KINDS.get(template_prefix)
        if kind is None:
            raise ImproperlyConfigured(f"no message stands for {template_prefix}")
        user = context.get("user")
        language = user.language if user is not None and user.pk else outgoing.here()
        facts = (
            {"code": str(context["code"])}
            if kind.endswith("_code")
            else {"link": _link(kind, context, language)}
        )
        outgoing.send_secret(kind, to=email, language=language, user_id=user.pk if user else None, **facts)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address of the reset page, from the settings."""
        uid, _dash, token = key.partition("-")
        return outgoing.address("account_reset_password_from_key", uid, token)

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """Keep the names of the form and the language of the page."""
        for name in ("given_name", "family_name"):
            setattr(user, name, form.cleaned_data.get(name, ""))
        user.language = outgoing.here()  # type: ignore[attr-defined]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address: the last one that our own proxy saw, else the peer's."""
        peer = str(request.META.get("REMOTE_ADDR") or "unix")
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        if forwarded and is_trusted_peer(request.META.get("REMOTE_ADDR", "")):
            return forwarded.rpartition(",")[2].strip() or peer
        return peer

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing of the library's own: our pages say what happened."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second factor are sealed at rest; its words are ours."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant et recopiez-le aussitôt."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return sealing.unseal(encrypted_text)


def _link(kind: str, context: dict[str, Any], language: str) -> str:
    """Where the message leads."""
    if kind == "password_reset":
        return str(context["password_reset_url"])
    view = "account_signup" if kind == "unknown_account" else "account_reset_password"
    return outgoing.address(view, language=language)
