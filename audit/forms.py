"""The day as of which an auditor reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web import clock

DAY = "au"  # its name in addresses


class DayForm(forms.Form):
    """A day already begun; empty means now."""

    au = forms.DateField(
        label=gettext_lazy("Lire au"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Écrivez la date ainsi : 2026-04-15.")},
    )

    def __init__(self, data: Any = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        self.fields[DAY].widget.attrs["max"] = today.isoformat()

    def clean_au(self) -> date | None:
        """Nobody reads the future."""
        day: date | None = self.cleaned_data[DAY]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("Cette date n’est pas encore venue."))
        if day is not None and day.year < 2000:
            raise forms.ValidationError(_("Choisissez une date depuis l’an 2000."))
        return day


def end_of(day: date) -> datetime:
    """The last instant of a day on the ministry's clock."""
    following = datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.EASTERN)
    return (following - timedelta(microseconds=1)).astimezone(UTC)
