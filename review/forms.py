"""Forms of review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.models import Volet
from review import facts
from review.actions.assignments import ANSWERS
from web import calendar, formats
from web.fields import DayField


class DueForm(forms.Form):
    """The day by which sheets are expected; it ends at the ministry's closing hour."""

    due = DayField(
        label=_("Fiches attendues au plus tard le"), help_text=_("Jusqu’à 16 h 30, heure de l’Est.")
    )

    def due_at(self) -> Any:
        """The instant that the day ends at."""
        return calendar.at_closing(self.cleaned_data["due"])


class PanelForm(DueForm):
    """A new panel, for a volet that has none."""

    volet = forms.ModelChoiceField(label=_("Volet"), queryset=Volet.objects.none(), empty_label=None)
    name = forms.CharField(label=_("Nom du comité"), max_length=120)

    field_order = ("volet", "name", "due")

    def __init__(self, *args: Any, volets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["volet"]
        field.queryset = volets
        field.label_from_instance = lambda one: f"{one.call.code}, {formats.tr(one.label)}"


class ReasonForm(forms.Form):
    """A reason."""

    text = forms.CharField(label=_("Motif"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class RecuseForm(ReasonForm):
    """Who is shut out of a dossier, and why."""

    person: Any = forms.ModelChoiceField(label=_("Personne"), queryset=None, empty_label=None)

    field_order = ("person", "text")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = people


class FurtherForm(RecuseForm, DueForm):
    """Who reads a dossier whose sheets diverge once more, by when, and why."""

    field_order: Any = ("person", "due", "text")


class ConsensusForm(forms.Form):
    """A score agreed in committee, or the mean kept, with its reason."""

    score = forms.ChoiceField(label=_("Note retenue"), required=False)
    text = forms.CharField(label=_("Motif"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, grid: Any, criterion: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marks = [] if criterion == "total" else facts.marks(grid)
        field: Any = self.fields["score"]
        field.choices = [
            ("", _("La moyenne est maintenue")),
            *((one, facts.shown_mark(one)) for one in marks),
        ]


class DeclareForm(forms.Form):
    """What a reviewer answers for one dossier of the list; a reason wherever it is not a plain yes."""

    answer = forms.ChoiceField(required=False, choices=[(code, code) for code in ANSWERS])
    text = forms.CharField(required=False, max_length=2000)

    def clean(self) -> dict[str, Any]:
        """Everything but « no conflict » says why."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("answer") and found["answer"] != "none" and not found.get("text", "").strip():
            self.add_error("text", _("Écrivez le motif de cette réponse."))
        return found
