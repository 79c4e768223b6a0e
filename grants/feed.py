"""The feed of new calls (Atom): published calls, the latest first, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from grants import addresses
from grants.models import Call
from web import formats
from web.formats import tr

MOST_ENTRIES = 30


def atom(calls: list[Call]) -> bytes:
    """The feed; an entry keeps its identity whatever its address becomes."""
    made = Atom1Feed(
        title=_("Nouveaux appels de projets"),
        link=addresses.whole(reverse("calls")),
        description=_("Chaque appel publié, avec ses dates."),
        language="en-CA" if formats.language() == "en" else "fr-CA",
        feed_url=addresses.whole(reverse("calls_feed")),
        author_name=_("Ministère des Territoires"),
    )
    for call in calls:
        made.add_item(
            title=tr(call.title),
            link=addresses.whole(reverse("call", args=[call.code])),
            description=_told(call),
            unique_id=f"urn:x-jalon:call:{call.code}",
            pubdate=_published(call),
            updateddate=_published(call),
        )
    return made.writeString("utf-8").encode()


def _told(call: Call) -> str:
    """The summary and the dates, in plain words."""
    return _("%(summary)s Ouverture : %(opens)s. Clôture : %(closes)s.") % {
        "summary": tr(call.summary),
        "opens": formats.datetime_long(call.opens_at),
        "closes": formats.datetime_long(call.closes_at),
    }


def _published(call: Call) -> datetime:
    """When its present edition was published."""
    edition = call.edition
    return (edition.published_at or edition.created_at) if edition else call.opens_at
