"""Forms of verbs: what a verb asks before it is done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workflows.lifecycle import Subject


class VerbForm(forms.Form):
    """Base of the forms of verbs: knows the subject and the person, and what `fire` receives."""

    gate = ""  # template of what must be done elsewhere before the act, shown above its button

    def __init__(
        self, *args: Any, subject: Subject, actor: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.subject, self.actor, self.request = subject, actor, request

    def detour(self) -> str:
        """Where the person chose to go first, from the gate; empty when the act itself is asked for."""
        return ""

    def verb_data(self) -> dict[str, Any]:
        """The keyword arguments for `fire`."""
        return dict(self.cleaned_data)


class ReasonForm(VerbForm):
    """The reason of an act, in the words of the person."""

    text = forms.CharField(
        label=_("Motif"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Le motif est gardé avec l’acte et peut être lu par les personnes concernées."),
    )


class ConfirmForm(VerbForm):
    """Nothing to ask but the act itself."""
