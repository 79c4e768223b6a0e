from django.db import migrations, models


WORDS = "asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart"
# Accents are folded before stemming; no stop words, so that every word can be found.
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE TEXT SEARCH DICTIONARY jalon_fr_stem (TEMPLATE = snowball, LANGUAGE = french)",
    "CREATE TEXT SEARCH CONFIGURATION jalon_fr (COPY = simple)",
    f"ALTER TEXT SEARCH CONFIGURATION jalon_fr ALTER MAPPING FOR {WORDS} WITH unaccent, jalon_fr_stem",
    "ALTER TABLE search_indexed ADD COLUMN vector tsvector NOT NULL DEFAULT ''::tsvector",
    "CREATE INDEX search_indexed_vector ON search_indexed USING gin (vector)",
)
POSTGRESQL_BACK = (
    "ALTER TABLE search_indexed DROP COLUMN vector",
    "DROP TEXT SEARCH CONFIGURATION jalon_fr",
    "DROP TEXT SEARCH DICTIONARY jalon_fr_stem",
)
SQLITE = (
    'CREATE VIRTUAL TABLE search_words USING fts5(head, title, summary, body, tokenize = "unicode61 remove_diacritics 0")',
)
SQLITE_BACK = ("DROP TABLE search_words",)


def make_words(apps, schema_editor):
    """The words of the index: a virtual table of FTS5, or a column with its configuration and its GIN index."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if is_postgresql else SQLITE:
        schema_editor.execute(statement)


def drop_words(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_BACK if is_postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Indexed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=60)),
                ("key", models.BigIntegerField()),
                ("version", models.PositiveIntegerField()),
                ("head", models.TextField(blank=True)),
                ("title", models.TextField(blank=True)),
                ("summary", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("source", "key"), name="indexed_once")],
            },
        ),
        migrations.RunPython(make_words, drop_words),
    ]
