"""What the journal says may go with the person, but never become something else."""

from django.db import migrations

FORWARD = """
create function refuse_change_of_journal() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is never changed';
end $$;
create trigger journal_is_never_changed before update on accounts_journalentry
    for each row execute function refuse_change_of_journal();
"""
BACK = """
drop trigger journal_is_never_changed on accounts_journalentry;
drop function refuse_change_of_journal();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_journal_devices_and_erasure")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
