"""Awards made before the public list had filters tell what it filters on."""

import json
from typing import Any

from django.db import migrations

from accounts.names import fold
from grants import classes, editions
from search import words

COUNTED_ELSEWHERE = ("07", "08")


def tell(apps: Any, schema_editor: Any) -> None:
    """As `Award.describe` does for a new one."""
    theme = apps.get_model("grants", "AwardTheme")
    award = apps.get_model("grants", "Award")
    for row in award.objects.select_related("organisation__territory", "call__edition"):
        body, place = row.organisation, row.organisation.territory
        edition = row.call.edition
        asked = row.public.get("themes") or []
        is_known = bool(body.population) and body.designation_code not in COUNTED_ELSEWHERE
        row.mrc_code = place.code if place else ""
        row.mrc_name = body.mrc_name or (place.name if place else "")
        row.size = classes.size_of(body.kind, body.population if is_known else None)
        row.themes = editions.named_themes(
            json.loads(edition.body) if edition else None, asked if isinstance(asked, list) else [asked]
        )
        row.title_sort, row.beneficiary_sort = fold(row.title)[:300], fold(row.beneficiary)[:200]
        told = (row.title, row.beneficiary, row.mrc_name, row.dossier_number)
        summary = str(row.public.get("public_summary") or "")
        row.search_words = classes.between_spaces(words.stems(" ".join((*told, summary))))
        row.save()
        theme.objects.bulk_create(
            theme(award=row, code=one["code"], label=one["label"]) for one in row.themes
        )


class Migration(migrations.Migration):
    dependencies = [("grants", "0002_award_is_listed")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
