from django.db import migrations, models

POSTGRESQL = (
    "ALTER TABLE search_indexed ADD COLUMN ranked tsvector NOT NULL DEFAULT ''::tsvector",
    "UPDATE search_indexed SET ranked = vector",
)
POSTGRESQL_BACK = (
    "UPDATE search_indexed SET vector = ranked",
    "ALTER TABLE search_indexed DROP COLUMN ranked",
)
OLD, NEW = "head, title, summary, body", "head, title, summary, body, files"
# A virtual table takes no new column: its words are carried to another one.
SQLITE = (
    f'CREATE VIRTUAL TABLE search_words_new USING fts5({NEW}, tokenize = "unicode61 remove_diacritics 0")',
    f"INSERT INTO search_words_new (rowid, {NEW}) SELECT rowid, {OLD}, '' FROM search_words",  # noqa: S608
    "DROP TABLE search_words",
    "ALTER TABLE search_words_new RENAME TO search_words",
)
SQLITE_BACK = (
    f'CREATE VIRTUAL TABLE search_words_new USING fts5({OLD}, tokenize = "unicode61 remove_diacritics 0")',
    f"INSERT INTO search_words_new (rowid, {OLD}) SELECT rowid, {OLD} FROM search_words",  # noqa: S608
    "DROP TABLE search_words",
    "ALTER TABLE search_words_new RENAME TO search_words",
)


def add_files(apps, schema_editor):
    """A place for the words of files, apart from those that weigh."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if is_postgresql else SQLITE:
        schema_editor.execute(statement)


def take_files_away(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_BACK if is_postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.AddField("indexed", "files", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("indexed", "revision", models.PositiveBigIntegerField(default=0)),
        migrations.RunPython(add_files, take_files_away),
    ]
