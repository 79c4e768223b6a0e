"""Forms of meetings: who holds it and when, an item, the signature of the minutes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from review.decision_forms import SignForm
from web.fields import DayField


class MeetingForm(forms.Form):
    """A new meeting."""

    held_on = DayField(label=_("Jour de la séance"))
    place = forms.CharField(label=_("Lieu"), max_length=200, help_text=_("Une salle, ou « à distance »."))
    chair: Any = forms.ModelChoiceField(label=_("Présidence"), queryset=None, empty_label=None)
    secretary: Any = forms.ModelChoiceField(label=_("Secrétariat"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, chairs: Any, secretaries: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["chair"].queryset = chairs
        fields["secretary"].queryset = secretaries


class ItemForm(forms.Form):
    """What was said of a dossier, and whether the committee agreed."""

    note = forms.CharField(
        label=_("Note de discussion"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Elle figure au procès-verbal."),
    )
    is_agreed = forms.BooleanField(label=_("Le comité a conclu sur ce dossier"), required=False)


class MinutesForm(SignForm):
    """The signature of the minutes: the password again, and the hash of what was read."""

    refused = _("Ce mot de passe n’est pas le bon. Rien n’est signé.")
