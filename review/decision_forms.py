"""Forms of decisions: a line that departs from the rule, the two instants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.factor_forms import FactorForm
from web.fields import DayField

OUTCOMES = [
    ("accepted", _("Accepté")),
    ("partial", _("Offre partielle")),
    ("waitlisted", _("Liste d’attente")),
    ("rejected", _("Non retenu")),
]


class LineForm(forms.Form):
    """What a line decides, and why it is not what the rule proposes."""

    outcome = forms.ChoiceField(label=_("Issue"), choices=OUTCOMES)
    amount = forms.IntegerField(
        label=_("Aide offerte, en dollars"),
        min_value=0,
        required=False,
        help_text=_("Sans cents. Vide : rien."),
    )
    reason = forms.CharField(
        label=_("Motif de l’écart"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, required=False
    )

    def clean_amount(self) -> int:
        """Nothing typed is nothing offered."""
        return int(self.cleaned_data["amount"] or 0)


class InstantsForm(forms.Form):
    """When letters leave, and when the list is public; times are those of the East."""

    letters_at = forms.DateTimeField(
        label=_("Départ des lettres (heure de l’Est)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    publish_at = forms.DateTimeField(
        label=_("Publication de la liste (heure de l’Est)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )


class SignForm(FactorForm):
    """The signature of a decision: the password again, and the hash of what was read."""

    refused = _("Ce mot de passe n’est pas le bon. La décision n’est pas signée.")
    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=71)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digest"].initial = getattr(self.subject, "digest", "")

    def clean_password(self) -> str:
        """The password of the person who signs."""
        given: str = self.cleaned_data["password"]
        if not self.actor.check_password(given):
            raise forms.ValidationError(self.refused)
        return given

    def verb_data(self) -> dict[str, Any]:
        """Only the hash and the proof go on: a password never leaves the form."""
        return {"digest": self.cleaned_data["digest"], **self.shown()}


class ReleaseForm(FactorForm):
    """A release: nothing to say, the second factor to show."""

    def verb_data(self) -> dict[str, Any]:
        """The proof alone."""
        return self.shown()


class ReferenceForm(forms.Form):
    """The approval from outside that the sum of a line asks for."""

    body = forms.CharField(label=_("Organisme qui autorise"), max_length=200)
    number = forms.CharField(label=_("Numéro de l’acte"), max_length=80)
    on = DayField(label=_("Date de l’acte"))
    file = forms.FileField(
        label=_("Document"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        help_text=_("PDF, 20 Mo au plus. Un document déjà reçu reste, si vous n’en joignez pas d’autre."),
    )
