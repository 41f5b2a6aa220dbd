"""Lines about somebody without an account wait until they have one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# A line that waits may be handed to the person it waits for; nothing else of it may change.
FORWARD = """
create or replace function refuse_change_of_journal() returns trigger language plpgsql as $$
begin
    if old.person_id is null and new.person_id is not null and new.waits_for is null
        and (old.id, old.what, old.actor, old.about, old.created_at)
            is not distinct from (new.id, new.what, new.actor, new.about, new.created_at)
    then
        return new;
    end if;
    raise exception 'the journal is never changed';
end $$;
"""
BACK = """
create or replace function refuse_change_of_journal() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is never changed';
end $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_staffrole_contact'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACK),
        migrations.AddField(
            model_name='journalentry',
            name='waits_for',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='journal', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=models.Index(condition=models.Q(('waits_for__isnull', False)), fields=['waits_for'], name='journal_waits'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person', None), ('waits_for__isnull', False)), models.Q(('person__isnull', False), ('waits_for', None)), _connector='OR'), name='journal_line_belongs_to_somebody'),
        ),
    ]
