import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60, unique=True)),
                ("n", models.PositiveBigIntegerField(default=0)),
                (
                    "head",
                    models.CharField(
                        default="sha256:0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=71,
                    ),
                ),
                ("counter", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Definition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("body", models.TextField()),
                ("digest", models.CharField(max_length=71)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "version"), name="workflows_definition_code_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.CharField(max_length=60)),
                ("n", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(db_index=True)),
                ("verb", models.CharField(max_length=120)),
                ("subject_type", models.CharField(max_length=80)),
                ("subject_id", models.BigIntegerField()),
                ("actor", models.CharField(max_length=60)),
                ("behalf", models.CharField(blank=True, default="", max_length=60)),
                ("request", models.CharField(blank=True, default="", max_length=64)),
                ("from_state", models.CharField(blank=True, default="", max_length=50)),
                ("to_state", models.CharField(blank=True, default="", max_length=50)),
                ("stage", models.CharField(blank=True, default="", max_length=60)),
                ("line", models.TextField()),
                ("hash", models.CharField(max_length=71)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "id"], name="workflows_event_subject"),
                    models.Index(fields=["actor", "id"], name="workflows_event_actor"),
                    models.Index(fields=["verb", "id"], name="workflows_event_verb"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "n"), name="workflows_event_chain_n")
                ],
            },
        ),
        migrations.CreateModel(
            name="EventText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.BinaryField(max_length=16)),
                ("text", models.TextField()),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="beside",
                        to="workflows.event",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consumer", models.CharField(max_length=40)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("failed", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True, default="")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="workflows.event",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True), ("failed", False)),
                        fields=["due_at", "id"],
                        name="workflows_delivery_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "consumer"), name="workflows_delivery_event_consumer"
                    )
                ],
            },
        ),
    ]
