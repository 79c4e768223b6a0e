"""What is indexed, as text: excerpts are cut from it. The words themselves are kept by the backend beside it."""

from django.db import models


class Indexed(models.Model):
    """One document. SQLite keeps its words in `search_words` (FTS5), PostgreSQL in the column `vector` (GIN).

    On PostgreSQL the column `ranked` holds the words that weigh: those of files are found and weigh nothing.
    """

    source = models.CharField(max_length=60)
    key = models.BigIntegerField()
    version = models.PositiveIntegerField()
    head = models.TextField(blank=True)
    title = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    files = models.TextField(blank=True)  # words of the files, once they are scanned clean
    revision = models.PositiveBigIntegerField(default=0)  # of one version

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="indexed_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
