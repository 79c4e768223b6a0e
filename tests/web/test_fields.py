"""Fields read what people write, and any form comes out in the look."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError

from web.fields import DayField, InstantField, MoneyField


@pytest.mark.parametrize("text", ["115 000 $", "115\u00a0000\u00a0$", "115000", "$115,000", "115\u202f000"])
def test_one_amount_many_writings(text: str) -> None:
    assert MoneyField().clean(text) == 115000


@pytest.mark.parametrize("text", ["115,50", "-5", "1e6", "abc", "١٢٣", "9" * 5000, "1,00,000"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="115"):
        MoneyField().clean(text)


def test_an_instant_is_read_on_the_eastern_clock() -> None:
    assert InstantField().clean("2026-03-27T16:30") == datetime(2026, 3, 27, 20, 30, tzinfo=UTC)
    with pytest.raises(ValidationError):
        InstantField().clean("demain")


class Sample(forms.Form):
    mail = forms.EmailField(label="Courriel", help_text="Celui du travail.")
    aid = MoneyField(label="Montant", required=False)
    day = DayField(label="Début")
    way = forms.ChoiceField(label="Façon", choices=[("a", "Une"), ("b", "Deux")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="Je le déclare")


def test_a_form_in_the_look() -> None:
    html = str(Sample({"mail": "non", "aid": "12,5"}))
    assert '<a href="#id_mail">' in html
    assert 'aria-describedby="id_mail_helptext id_mail_error"' in html
    assert '<p class="error" id="id_mail_error">' in html
    assert html.index('id="id_mail_error"') < html.index('name="mail"'), "the error comes before the control"
    assert '<fieldset class="field choice" id="id_way" data-s="ko"' in html
    assert 'type="date"' in html
    assert "(facultatif)" in html
    assert "<ul class=" not in html
