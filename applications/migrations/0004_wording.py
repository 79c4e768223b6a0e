import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_scans")]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="wording",
                        serialize=False,
                        to="applications.attachment",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("read", "Read"), ("cut", "Cut"), ("unreadable", "Unreadable")], max_length=12
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("read_at", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
    ]
