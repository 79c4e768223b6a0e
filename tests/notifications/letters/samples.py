"""Documents of every kind, with the words they would really hold. Everything in them is fictional."""

from __future__ import annotations

from collections.abc import Callable

from notifications.letters.document import Document
from tests.notifications.letters.sample_answers import english, refusal
from tests.notifications.letters.sample_awards import acceptance, partial
from tests.notifications.letters.sample_reports import minutes, receipt

KINDS: dict[str, Callable[[], Document]] = {
    "acceptance": acceptance,
    "refusal": refusal,
    "partial": partial,
    "receipt": receipt,
    "minutes": minutes,
    "english": english,
}
