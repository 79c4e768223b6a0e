"""Forms of the acts of the ministry: questions asked again, the outcome of a stage, a countersigned refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factor_forms import FactorForm
from applications import checking
from web import formats
from workflows.forms import VerbForm

ASKED, WHY = "ask", "why"


class SendBackForm(VerbForm):
    """Questions to open again, each with what is missing; only those named are opened."""

    message = forms.CharField(
        label=gettext_lazy("Message à l’organisme"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Il sera lu avec la demande, avant la liste des questions."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = self.subject.edition.content["form"]["sections"]  # type: ignore[attr-defined]
        withheld = set(
            self.subject.attachments.filter(scan=checking.INFECTED, removed_at__isnull=True).values_list(  # type: ignore[attr-defined]
                "slot", flat=True
            )
        )
        for section in self.sections:
            for question in section["questions"]:
                code = question["code"]
                self.fields[f"{ASKED}-{code}"] = forms.BooleanField(
                    required=False, label=formats.tr(question["label"]), initial=code in withheld
                )
                self.fields[f"{WHY}-{code}"] = forms.CharField(
                    required=False,
                    max_length=1000,
                    label=_("Ce qui manque : %(question)s") % {"question": formats.tr(question["label"])},
                    widget=forms.Textarea(attrs={"rows": 2}),
                    initial=_(
                        "Le fichier a été retenu : il porte un logiciel malveillant. Joignez-en un autre."
                    )
                    if code in withheld
                    else "",
                )

    def rows(self) -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
        """Sections with, for each question, its box and its reason."""
        for section in self.sections:
            pairs = [
                (self[f"{ASKED}-{one['code']}"], self[f"{WHY}-{one['code']}"]) for one in section["questions"]
            ]
            yield section["title"], pairs

    def clean(self) -> dict[str, Any]:
        """At least one question; a reason for each one chosen; a reason written chooses its question."""
        data = dict(self.cleaned_data)
        items: dict[str, str] = {}
        for section in self.sections:
            for question in section["questions"]:
                code = question["code"]
                why = str(data.get(f"{WHY}-{code}") or "").strip()
                if not data.get(f"{ASKED}-{code}") and not why:
                    continue
                items[code] = why
                if not why:
                    self.add_error(f"{WHY}-{code}", _("Dites ce qui manque : la municipalité le lira."))
        if not items:
            raise forms.ValidationError(_("Choisissez au moins une question à compléter."))
        data["items"] = items
        return data

    def verb_data(self) -> dict[str, Any]:
        """What `send_back` receives."""
        return {"items": self.cleaned_data["items"], "message": self.cleaned_data["message"]}


class OutcomeForm(VerbForm):
    """The outcome of the present stage, and a note kept with the act."""

    ends = False

    outcome = forms.ChoiceField(label=gettext_lazy("Issue"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Note au dossier"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Gardée à l’historique, lue par le ministère seulement."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = checking.present_stage(self.subject)
        field = self.fields["outcome"]
        field.choices = [  # type: ignore[attr-defined]
            (one.code, formats.tr(one.labels.staff))
            for one in stage.outcomes
            if (one.end == "rejected" if self.ends else one.to is not None)
        ]
        asked = getattr(self.subject, "asked_outcome", "")  # named by the address of the page
        if asked:
            field.initial, field.widget = asked, forms.HiddenInput()

    def verb_data(self) -> dict[str, Any]:
        """The outcome, and the note when there is one."""
        data = {"outcome": self.cleaned_data["outcome"]}
        note = self.cleaned_data["text"].strip()
        return data | {"text": note} if note else data


class AdvanceForm(OutcomeForm):
    """Outcomes that lead to another stage."""


class RejectForm(FactorForm, OutcomeForm):
    """Outcomes that end in a refusal, countersigned with the second factor."""

    ends = True

    def verb_data(self) -> dict[str, Any]:
        """The outcome, the note, and what the person showed."""
        return {**super().verb_data(), **self.shown()}


class FindingForm(forms.Form):
    """What an analyst confirms on one rule."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Constat"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", gettext_lazy("Oui")),
            ("provisional", gettext_lazy("Oui, provisoire")),
            ("no", gettext_lazy("Non")),
            ("na", gettext_lazy("Sans objet")),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("Sur quoi vous vous fondez"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Obligatoire pour « non », pour « oui, provisoire » et quand vous vous écartez de la proposition. "
            "Un « non » est cité dans la lettre."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].when = _("obligatoire pour un « non »")  # type: ignore[attr-defined]

    def drop_provisional(self) -> None:
        """Most rules are not confirmed for now."""
        field = self.fields["answer"]
        field.choices = [one for one in field.choices if one[0] != "provisional"]  # type: ignore[attr-defined]
