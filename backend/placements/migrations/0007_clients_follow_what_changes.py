"""Clients follow lists by `updated_at`: every change must move it, by whatever way, on the database's own clock.

What is deleted leaves a tombstone for whoever was shown it.
"""

from django.db import migrations

TOUCHED = (
    "opportunities_opportunity", "organisations_organisation", "placements_proposal", "placements_trialvisit",
    "placements_placement",
)  # fmt: skip
PERSONAL = ("placements_proposal", "placements_trialvisit", "placements_placement")
EVERYBODYS = {"opportunities_opportunity": "opportunities", "organisations_organisation": "organisations"}

FORWARD = """
create function touch() returns trigger language plpgsql as $$
begin
    new.updated_at = clock_timestamp();
    return new;
end $$;
create function leave_tombstone() returns trigger language plpgsql as $$
begin
    insert into common_tombstone (resource, what) values (tg_argv[0], old.id);
    return null;
end $$;
create function leave_tombstone_of_proposal() returns trigger language plpgsql as $$
begin
    insert into common_tombstone (resource, audience, what)
    select 'proposals', user_id, old.id from talent_volunteer where id = old.volunteer_id and user_id is not null;
    return null;
end $$;
create trigger leaves_tombstone after delete on placements_proposal
    for each row execute function leave_tombstone_of_proposal();
create function leave_tombstone_at_proposal() returns trigger language plpgsql as $$
begin
    insert into common_tombstone (resource, audience, what)
    select tg_argv[0], v.user_id, old.id
    from placements_proposal p join talent_volunteer v on v.id = p.volunteer_id
    where p.id = old.proposal_id and v.user_id is not null;
    return null;
end $$;
create trigger leaves_tombstone after delete on placements_trialvisit
    for each row execute function leave_tombstone_at_proposal('trial_visits');
create trigger leaves_tombstone after delete on placements_placement
    for each row execute function leave_tombstone_at_proposal('placements');
"""
FORWARD += "".join(
    f"create trigger touched before update on {table} for each row execute function touch();\n" for table in TOUCHED
)
FORWARD += "".join(
    f"create trigger leaves_tombstone after delete on {table} for each row execute function leave_tombstone('{name}');\n"
    for table, name in EVERYBODYS.items()
)
BACK = "".join(f"drop trigger touched on {table};\n" for table in TOUCHED)
BACK += "".join(f"drop trigger leaves_tombstone on {table};\n" for table in (*EVERYBODYS, *PERSONAL))
BACK += "drop function touch(); drop function leave_tombstone(); drop function leave_tombstone_of_proposal();"
BACK += "drop function leave_tombstone_at_proposal();"


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_keys_and_tombstones"),
        ("opportunities", "0003_a_deleted_opportunity_leaves_an_empty_record"),
        ("organisations", "0002_organisation_version"),
        ("placements", "0006_thanks_and_questions"),
        ("talent", "0004_consent_for_a_guide"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACK)]
