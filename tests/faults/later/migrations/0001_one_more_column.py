"""A column that old code does not know and new code may leave empty: both run on the same tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("placements", "0008_candidates_and_referrals")]
    operations = [
        migrations.RunSQL(
            "alter table placements_proposal add column only_later text",
            "alter table placements_proposal drop column only_later",
        )
    ]
