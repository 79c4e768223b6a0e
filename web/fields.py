"""Form fields as people of the territory write: amounts with spaces and $, days picked or typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from web import formats
from web.clock import EASTERN

SPACES = str.maketrans("", "", " \u00a0\u202f\u2009$")


class DateInput(forms.DateInput):
    """A day, with the browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day."""

    widget = DateInput


class InstantField(forms.DateTimeField):
    """An instant typed on the clock of Québec City, kept in UTC."""

    widget = forms.DateTimeInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Read the text, on the Eastern clock whatever the server's."""
        if isinstance(value, str) and value.strip():
            for layout in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"):
                try:
                    naive = datetime.strptime(value.strip(), layout)  # noqa: DTZ007
                except ValueError:
                    continue
                return naive.replace(tzinfo=EASTERN).astimezone(UTC)
            raise ValidationError(_("Écrivez une date et une heure, par exemple 2026-03-27 16:30."))
        return super().to_python(value)


class MoneyField(forms.Field):
    """A whole number of dollars: `115 000 $`, `115000` and `$115,000` are one amount."""

    def __init__(self, *, maximum: int = 10**12, **kwargs: Any) -> None:
        self.maximum = maximum
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """Read the amount; cents and signs are refused with the way to write it."""
        if value is None or isinstance(value, int):
            return value
        text = str(value).translate(SPACES)
        if not text:
            return None
        grouped = text.split(",")
        if len(grouped) > 1 and all(len(part) == 3 for part in grouped[1:]):
            text = "".join(grouped)
        if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) > self.maximum:
            raise ValidationError(_("Écrivez un montant en dollars, sans cents, par exemple 115 000."))
        return int(text)

    def prepare_value(self, value: Any) -> Any:
        """Show a known amount with its spaces."""
        return formats.number(value) if isinstance(value, int) else value
