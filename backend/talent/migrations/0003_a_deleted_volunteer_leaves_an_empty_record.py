"""The matcher must hear of a deleted volunteer by whatever way it went: an action, a cascade, a line of SQL."""

from django.db import migrations

FORWARD = """
create function empty_volunteer_record() returns trigger language plpgsql as $$
begin
    update talent_matchprofile
    set record = '', version = version + 1, changed_in = pg_current_xact_id()::text::bigint
    where who = old.id;
    return null;
end $$;
create trigger volunteer_leaves_an_empty_record after delete on talent_volunteer
    for each row execute function empty_volunteer_record();
"""
BACK = """
drop trigger volunteer_leaves_an_empty_record on talent_volunteer;
drop function empty_volunteer_record();
"""


class Migration(migrations.Migration):
    dependencies = [("talent", "0002_packed_records")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
