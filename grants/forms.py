"""Forms of grants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.forms import VerbForm


class SignForm(VerbForm):
    """The signature of a decision: the password again, and the hash of what was read."""

    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=71)

    def clean_password(self) -> str:
        """The password of the person who signs."""
        given: str = self.cleaned_data["password"]
        if not self.actor.check_password(given):
            raise forms.ValidationError(_("Ce mot de passe n’est pas le vôtre. La décision n’est pas signée."))
        return given

    def verb_data(self) -> dict[str, Any]:
        """Only the hash goes on: a password never leaves the form."""
        return {"digest": self.cleaned_data["digest"]}
