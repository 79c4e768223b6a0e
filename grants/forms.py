"""Forms of the staff pages of a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants import calendar, checking, letters
from grants.actions.dates import date_faults
from grants.models import Call, CallQuestion
from web import clock, formats
from web.fields import DayField, InstantField

PARTS = {"wording": gettext_lazy("Question publiée"), "answer": gettext_lazy("Réponse")}
TONGUES = {"fr": gettext_lazy("français"), "en": gettext_lazy("anglais")}


class CalendarForm(forms.Form):
    """The dates of a call; what is impossible is said beside the date it concerns."""

    def __init__(self, data: Any = None, *, call: Call) -> None:
        super().__init__(data, initial={name: _shown(getattr(call, name)) for name in calendar.FIELDS})
        self.call = call
        for name in calendar.FIELDS:
            kind: type[forms.Field] = DayField if name in calendar.DAYS else InstantField
            self.fields[name] = kind(label=calendar.LABELS[name], required=name in calendar.REQUIRED)
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Motif du changement"),
            help_text=gettext_lazy(
                "Inscrit au journal et montré sur la page de l’appel. Obligatoire dès que l’appel est publié."
            ),
            widget=forms.Textarea(attrs={"rows": 2}),
            required=False,
            max_length=1000,
        )

        if call.state != "draft":
            self.fields["reason"].when = _("obligatoire pour tout changement")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All that is wrong, at once: order, past, notice, reason. A date left as shown keeps its seconds."""
        data = super().clean() or {}
        for name in calendar.INSTANTS:
            if name in data and self.data.get(name) == _shown(getattr(self.call, name)):
                data[name] = getattr(self.call, name)
        self.typed_dates = {name: data[name] for name in calendar.FIELDS if data.get(name) is not None}
        moved = [name for name in calendar.FIELDS if name in data and data[name] != getattr(self.call, name)]
        if self.call.state != "draft" and moved and not data.get("reason", "").strip():
            self.add_error("reason", _("Dites pourquoi les dates changent : tous les organismes le liront."))
        faults = date_faults(self.call, {name: data[name] for name in moved}, clock.now())
        for name, said in faults.items():
            if moved and name not in self.errors:
                self.add_error(name, said)
        return data

    def asked(self) -> dict[str, calendar.Moment | None]:
        """The dates to draw: those typed where they can be read, else those of the call."""
        typed = self.__dict__.get("typed_dates", {})
        return {name: typed.get(name, getattr(self.call, name)) for name in calendar.FIELDS}

    def dates(self) -> dict[str, calendar.Moment | None]:
        """The dates as the action takes them."""
        return {name: self.cleaned_data.get(name) for name in calendar.FIELDS}


def _shown(value: Any) -> Any:
    """An instant on the Eastern clock, as a box of the browser writes it."""
    return formats.local(value).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value


class LetterForm(forms.Form):
    """The text of a letter, in the notation of `grants.letters`."""

    subject = forms.CharField(label=gettext_lazy("Objet"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Texte"),
        help_text=gettext_lazy(
            "Un paragraphe par bloc, séparés par une ligne vide. « # » ouvre un titre, « - » une liste, "
            "« [[tableau]] » place un tableau, « {{nom}} » une donnée du dossier."
        ),
        widget=forms.Textarea(attrs={"rows": 26, "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Names, tables and mentions are those the letter may and must hold."""
        data = super().clean() or {}
        if "subject" in data and "text" in data:
            for fault in checking.letter_faults(self.kind, data["subject"], self.blocks()):
                self.add_error("text", fault)
        return data

    def blocks(self) -> list[dict[str, Any]]:
        """The text as blocks."""
        return letters.from_text(self.cleaned_data.get("text", ""))


class AskForm(forms.Form):
    """A question about a call."""

    text = forms.CharField(
        label=gettext_lazy("Votre question"),
        help_text=gettext_lazy(
            "La question et sa réponse seront lues par tout le monde, sans votre nom : ne dites rien "
            "que votre municipalité garde pour elle."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
    )


class NoteForm(AskForm):
    """A question that came by telephone or by mail."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["text"].label = _("La question, telle qu’elle est venue")
        self.fields["text"].help_text = _(
            "Elle reste au ministère; vous lui donnez ensuite ses mots publics."
        )


class AnswerForm(forms.Form):
    """The public wording of a question and its answer; the call's own language first, the other when there is one."""

    def __init__(self, data: Any = None, *, question: CallQuestion) -> None:
        tongue = formats.language(question.call.language)
        start = {f"{part}_{code}": text for part in PARTS for code, text in getattr(question, part).items()}
        start.setdefault(f"wording_{tongue}", question.text)
        super().__init__(data, initial={**start, "reason": question.reason})
        for code in sorted(TONGUES, key=lambda one: one != tongue):
            for part, label in PARTS.items():
                field = forms.CharField(
                    label=f"{label} ({TONGUES[code]})",
                    widget=forms.Textarea(attrs={"rows": 4, "lang": f"{code}-CA"}),
                    required=False,
                    max_length=4000,
                )
                self.fields[f"{part}_{code}"] = field
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Motif, si la question n’est pas publiée"),
            widget=forms.Textarea(attrs={"rows": 2}),
            required=False,
            max_length=1000,
        )

    def words(self, part: str) -> dict[str, str]:
        """A part in each language."""
        return {code: self.cleaned_data.get(f"{part}_{code}", "") for code in TONGUES}
