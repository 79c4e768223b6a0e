"""Template tags and filters of the look; a built-in library of every template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web import clock, formats, guides
from web.text import render_markdown

register = template.Library()
Day = date | datetime


def _or_blank(value: Any, text: Any) -> str:
    """An absent value writes nothing."""
    return "" if value is None or value == "" else text(value)


@register.filter
def tr(value: Any) -> str:
    """The text of a bilingual label in the reader's language."""
    return formats.tr(value)


@register.filter
def typed(value: Any, language: str = "fr") -> str:
    """Words that somebody wrote: marked with their language when it is not that of the page."""
    there = formats.language(language or "fr")
    if value is None or value == "" or there == formats.language():
        return "" if value is None else value
    return format_html('<span lang="{}">{}</span>', there, value)


@register.simple_tag
def lang_of(language: str = "fr") -> str:
    """The attribute of an element that holds words somebody wrote in this language."""
    here = formats.language(language or "fr")
    return "" if here == formats.language() else format_html(' lang="{}"', here)


@register.filter
def counted(noun: str, total: int) -> str:
    """`1 dossier`, `2 dossiers`: a regular plural, without its s when one is counted (in French, none too)."""
    one = total == 1 or (total == 0 and formats.language() == "fr")
    return str(noun).removesuffix("s") if one else str(noun)


@register.filter
def money(value: Any) -> str:
    """`115 000 $`."""
    return _or_blank(value, formats.money)


@register.filter
def money_short(value: Any) -> str:
    """`7,0 M$`."""
    return _or_blank(value, formats.money_short)


@register.filter
def percent(value: Any, places: int | None = None) -> str:
    """`88,7 %`, the value being out of 100."""
    return formats.percent(value, places=places)


@register.filter
def number(value: Any, places: int = 0) -> str:
    """`3 198`, or with places `3 198,5`."""
    return "" if value is None or value == "" else formats.number(value, places)


@register.filter
def date_long(value: Day | None) -> str:
    """`1er juin 2026`."""
    return _or_blank(value, formats.date_long)


@register.filter
def date_full(value: Day | None) -> str:
    """`vendredi 27 mars 2026`."""
    return _or_blank(value, formats.date_full)


@register.filter
def date_short(value: Day | None) -> str:
    """`2 avr.`, with the year when it is not the present one."""
    return "" if not value else formats.date_short(value, this_year=clock.today().year)


@register.filter
def time(value: datetime | None) -> str:
    """`16 h 30`."""
    return _or_blank(value, formats.time)


@register.filter
def datetime_long(value: datetime | None) -> str:
    """`vendredi 27 mars 2026 à 16 h 30, heure de l’Est`."""
    return _or_blank(value, formats.datetime_long)


@register.filter
def datetime_short(value: datetime | None) -> str:
    """`2 avr., 10 h 12`."""
    return "" if not value else formats.datetime_short(value, this_year=clock.today().year)


@register.filter
def datetime_exact(value: datetime | None) -> str:
    """`26 mars 2026 à 10 h 12 min 05 s, heure de l’Est`."""
    return _or_blank(value, formats.datetime_exact)


@register.filter
def iso(value: Day | None) -> str:
    """The machine's writing of a day or an instant, for `<time datetime>`."""
    if not value:
        return ""
    if isinstance(value, datetime):
        return formats.local(value).isoformat(timespec="seconds")
    return value.isoformat()


@register.filter
def when(value: Day | None) -> str:
    """`<time datetime="…">vendredi 27 mars 2026 à 16 h 30, heure de l’Est</time>` (a day: `27 mars 2026`)."""
    if not value:
        return ""
    text = formats.datetime_long(value) if isinstance(value, datetime) else formats.date_long(value)
    return format_html('<time datetime="{}">{}</time>', iso(value), text)


@register.filter
def when_short(value: Day | None) -> str:
    """`<time datetime="…">2 avr., 10 h 12</time>` (a day: `2 avr.`)."""
    if not value:
        return ""
    text = datetime_short(value) if isinstance(value, datetime) else date_short(value)
    return format_html('<time datetime="{}">{}</time>', iso(value), text)


@register.filter
def due_in(value: datetime | None) -> str:
    """`dans 3 jours`, `demain`, `depuis 2 jours`."""
    return "" if not value else formats.due_in(value, clock.now())


@register.filter
def due_words(value: datetime | None) -> str:
    """`Ferme dans 3 jours, le vendredi 27 mars 2026 à 16 h 30, heure de l’Est`."""
    return "" if not value else formats.closing_words(value, clock.now())


@register.filter
def opening_words(value: datetime | None) -> str:
    """`Ouvre dans 12 jours, le …`."""
    return "" if not value else formats.opening_words(value, clock.now())


@register.filter
def days_left(value: datetime | None) -> str:
    """`3 jours`, or `5 heures` on the last day; nothing once it is past."""
    now = clock.now()
    if not value or value <= now:
        return ""
    gap = formats.days_between(now, value)
    return formats.days(gap) if gap else formats.duration(value - now)


@register.filter
def duration(value: timedelta | None) -> str:
    """`3 jours`."""
    return "" if value is None else formats.duration(value)


@register.filter
def filesize(value: int | None) -> str:
    """`1,2 Mo`."""
    return "" if value is None else formats.size(value)


@register.filter
def markdown(value: Any) -> SafeString:
    """A text of the few marks we allow, as safe HTML."""
    return render_markdown(formats.tr(value))


@register.filter
def initials(value: Any) -> str:
    """`MG` for Maude Gélinas."""
    words = str(value or "").split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value of a key known only when the page is written."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag
def tag(state: str, label: Any) -> SafeString:
    """A state in a list or a head: word, shape and colour."""
    return format_html('<span class="tag" data-s="{}">{}</span>', state, formats.tr(label))


@register.simple_tag
def sign(state: str, label: Any) -> SafeString:
    """A state in a running line."""
    return format_html('<span class="sign" data-s="{}">{}</span>', state, formats.tr(label))


@register.simple_tag
def address(name: str, *args: Any) -> str:
    """The address of a view, or nothing when no app of this site answers to the name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def help_href(context: Context, face: str) -> str:
    """The section of the guides that is about this page on this face; their list where there is none."""
    match = getattr(context.get("request"), "resolver_match", None)
    slug, _, anchor = guides.section_of(match.view_name if match else "", face).partition("#")
    return f"{reverse('help_guide', args=[slug])}#{anchor}" if slug else reverse("help")


@register.inclusion_tag("components/contact.html", takes_context=True)
def contact(
    context: Context, name: str, email: str = "", phone: str = "", title: Any = "", reference: str = ""
) -> dict[str, str]:
    """Who answers: a person, a telephone, a mail (with the number of the dossier as its subject)."""
    if (request := context.get("request")) is not None:
        request.contact_is_said = True
    digits = "".join(sign for sign in phone.split(",")[0] if sign.isdigit())
    return {
        "name": name,
        "email": email,
        "phone": phone,
        "dial": f"+1{digits[-10:]}" if len(digits) >= 10 else "",
        "title": formats.tr(title),
        "reference": reference,
    }


SUBJECTS = ("call", "dossier", "sheet", "assignment", "panel", "subject")
ABOVE = ("call", "panel", "assignment", "dossier")


@register.inclusion_tag("components/ask.html", takes_context=True)
def ask(context: Context) -> dict[str, Any]:
    """The person to ask, at the foot of a page about a call that has not named anybody yet."""
    request = context.get("request")
    if request is None or getattr(request, "contact_is_said", False):
        return {}
    for name in SUBJECTS:
        found = _with_contact(context.get(name))
        if found is not None:
            return {"asked": found}
    return {}


def _with_contact(thing: Any) -> Any:
    """What names the person to ask: the thing itself, or what it stands under."""
    for _floor in range(4):
        if thing is None or hasattr(thing, "contact_phone"):
            return thing
        over: list[Any] = [getattr(thing, name, None) for name in ABOVE]
        thing = next((one for one in over if one is not None), None)
    return None
