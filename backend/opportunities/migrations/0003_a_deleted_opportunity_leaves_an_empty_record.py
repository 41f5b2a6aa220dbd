"""The matcher must hear of a deleted opportunity by whatever way it went: an action, a cascade, a line of SQL."""

from django.db import migrations

FORWARD = """
create function empty_opportunity_record() returns trigger language plpgsql as $$
begin
    update opportunities_matchprofile
    set record = '', version = version + 1, changed_in = pg_current_xact_id()::text::bigint
    where who = old.id;
    return null;
end $$;
create trigger opportunity_leaves_an_empty_record after delete on opportunities_opportunity
    for each row execute function empty_opportunity_record();
"""
BACK = """
drop trigger opportunity_leaves_an_empty_record on opportunities_opportunity;
drop function empty_opportunity_record();
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0002_packed_records")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
