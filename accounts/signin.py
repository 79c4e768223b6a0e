"""django-allauth's forms in our words: labels, help, the right autocomplete, no placeholder."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.utils.translation import gettext_lazy as _

PASSWORD_HELP = _("Douze caractères au moins. Une phrase que vous retenez vaut mieux qu’un mot compliqué.")
CODE_HELP = _("Le code est dans le message que nous venons d’envoyer. Vous pouvez le coller.")


def _say(form: forms.BaseForm, name: str, label: Any, autocomplete: str, help_text: Any = "") -> None:
    """Write one field in our words."""
    field = form.fields.get(name)
    if field is None:
        return
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs["autocomplete"] = autocomplete


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """Mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "login", _("Courriel professionnel"), "username")
        _say(self, "password", _("Mot de passe"), "current-password")


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """A new account: who, which address, which password."""

    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    field_order = ("given_name", "family_name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "given_name", _("Prénom"), "given-name")
        _say(self, "family_name", _("Nom"), "family-name")
        _say(
            self,
            "email",
            _("Courriel professionnel"),
            "username",
            _("Celui de votre municipalité, de préférence. Nous y envoyons un code pour le vérifier."),
        )
        _say(self, "password1", _("Mot de passe"), "new-password", PASSWORD_HELP)


class ResetForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to choose a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", _("Courriel professionnel"), "username")


class _NewPassword(forms.Form):
    """Two boxes made one: paste and password managers are welcome, nothing is typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        _say(self, "password1", _("Nouveau mot de passe"), "new-password", PASSWORD_HELP)


class NewPasswordForm(_NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """Choose a password from the link of a message."""


class SetPasswordForm(_NewPassword, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """Choose a first password."""


class ChangePasswordForm(_NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """Change one's password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", _("Mot de passe actuel"), "current-password")


class PasswordAgainForm(allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    """One's password again, before something of the account changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password", _("Votre mot de passe"), "current-password")


class RequestCodeForm(allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]
    """Ask for a code to sign in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", _("Courriel professionnel"), "username")


class CodeForm(allauth_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code that signs in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", _("Code reçu"), "one-time-code", CODE_HELP)


class EmailCodeForm(allauth_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that proves an address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", _("Code reçu"), "one-time-code", CODE_HELP)
