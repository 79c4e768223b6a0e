"""Forms of messages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class VerifyForm(forms.Form):
    """A code read on a letter or a receipt."""

    code = forms.CharField(
        label=_("Code du document"),
        max_length=40,
        help_text=_("Seize lettres et chiffres, en quatre groupes, au bas du document."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )


class ApplicantsForm(forms.Form):
    """A message to the people of every filed dossier of a call."""

    subject = forms.CharField(label=_("Objet"), max_length=150)
    body = forms.CharField(label=_("Message"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10}))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
