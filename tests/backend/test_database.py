"""The database itself refuses nonsense, with a constraint whose name says what is wrong."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import StaffRole, User
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import Link, Placement, Proposal, TrialVisit
from backend.talent.models import Consent, ProfileLanguage, ProfileTalent, TalentProfile, Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(opportunity, volunteer, now):
    return Proposal.objects.create(
        opportunity=opportunity, volunteer=volunteer, parts=[], points=0, distance_km=1, reasons=[], not_perfect=[],
        easy_start=[], for_organisation=[], made_at=now, answer_until=now + timedelta(days=7),
    )  # fmt: skip


REFUSED = [
    (Opportunity, {"places": 201}, "opportunity_has_1_to_200_places"),
    (Opportunity, {"reserved_places": 7}, "opportunity_(reserved_fit_in_places|gives_no_open_place_twice)"),
    (Opportunity, {"taken_open": 3}, "opportunity_gives_no_open_place_twice"),
    (Opportunity, {"taken_reserved": 5}, "opportunity_gives_no_reserved_place_twice"),
    (Opportunity, {"slots": []}, "opportunity_has_a_slot"),
    (Opportunity, {"slots": ["mon-night"]}, "opportunity_slots_are_known_day_parts"),
    (Opportunity, {"state": "online"}, "opportunity_state_is_known"),
    (Opportunity, {"state": "published"}, "opportunity_is_published_with_support_and_a_date"),
    (Opportunity, {"dutch_min": "B3"}, "opportunity_dutch_level_is_known"),
    (Opportunity, {"commitment": "once"}, "opportunity_once_is_one_day"),
    (Opportunity, {"commitment": "once", "frequency": "once"}, "opportunity_once_is_one_day"),
    (Opportunity, {"period_until": "2027-01-01"}, "opportunity_ends_after_it_began"),
    (
        Opportunity,
        {"at_home": True, "own_neighbourhood": True},
        "opportunity_is_at_home_or_in_the_neighbourhood_never_both",
    ),
    (Opportunity, {"flat_rate_per_day_eur": 20, "expenses": []}, "opportunity_with_an_amount_pays_a_flat_rate"),
    (
        Opportunity,
        {"talents_any_of": ["naaien"], "talents_welcome": ["naaien"]},
        "opportunity_talent_is_needed_or_welcome_never_both",
    ),
    (Opportunity, {"lat": 91}, "opportunity_is_on_earth"),
    (Volunteer, {"age_from": 17}, "volunteer_age_is_kept_as_15_16_18_or_21"),
    (Volunteer, {"proposals_per_week": 6}, "volunteer_wants_1_to_5_proposals_a_week"),
    (Volunteer, {"channel": "via_guide", "guided_by": None}, "volunteer_reached_via_a_guide_has_one"),
    (Volunteer, {"state": "active"}, "volunteer_state_is_known"),
    (TalentProfile, {"available": ["mon"]}, "profile_is_available_in_known_day_parts"),
    (TalentProfile, {"max_km": 51}, "profile_reaches_half_to_50_km"),
    (TalentProfile, {"own_car": True, "driving_licence_b": False}, "profile_with_a_car_has_a_licence"),
    (
        TalentProfile,
        {"themes": ["buurt"], "themes_excluded": ["buurt"]},
        "profile_theme_is_liked_or_excluded_never_both",
    ),
    (ProfileTalent, {"level": 4}, "profile_talent_level_is_1_2_or_3"),
    (ProfileLanguage, {"level": "B3"}, "profile_language_level_is_known"),
    (Organisation, {"legal_form": "nv"}, "organisation_legal_form_is_known"),
    (Organisation, {"name": ""}, "organisation_has_a_name"),
    (User, {"email": None}, "user_can_be_reached_by_email_or_phone"),
    (User, {"phone": "0470 12 34 56"}, "user_phone_is_e164"),
    (User, {"email": ""}, "user_email_is_null_rather_than_empty"),
    (Proposal, {"state": "accepted"}, "proposal_holds_a_place_exactly_when_accepted"),
    (Proposal, {"place": "open"}, "proposal_holds_a_place_exactly_when_accepted"),
    (Proposal, {"state": "sent"}, "proposal_state_is_known"),
]


@pytest.mark.parametrize(("table", "changes", "name"), REFUSED)
def test_nonsense_is_refused(table, changes, name, proposal):
    row = table.objects.order_by("pk").first()
    if table is User:
        row = User.objects.get(email="p37@voorbeeld.example")
    if table is Opportunity:
        row = Opportunity.objects.get(external_id="T40")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        table.objects.filter(pk=row.pk).update(**changes)


def test_twins_are_refused(proposal, volunteer, opportunity, coordinator, now):
    link = Link.objects.create(proposal=proposal, purpose="proposal", token_hash="a", expires_at=now)
    twins = [
        ("proposal_is_made_once_per_pair", proposal),
        ("volunteer_is_imported_once", volunteer),
        ("opportunity_is_imported_once", opportunity),
        ("organisation_is_imported_once", opportunity.organisation),
        ("profile_holds_a_talent_once", volunteer.profile.talents.first()),
        ("consent_is_given_once_until_withdrawn", Consent.objects.get(volunteer=volunteer)),
        ("staff_role_is_given_once", StaffRole.objects.get()),
        ("link_is_one_per_proposal_and_purpose", link),
    ]
    for name, row in twins:
        row.pk = None
        if hasattr(row, "user_id"):
            row.user_id = row.user_id if isinstance(row, StaffRole) else None
        if isinstance(row, Link):
            row.token_hash = "b"
        row._state.adding = True
        if row._meta.pk.get_internal_type() == "UUIDField":
            row.pk = __import__("uuid").uuid4()
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            row.save(force_insert=True)


def test_one_address_is_one_user_whatever_the_capitals(db):
    User.objects.create_user(email="An@voorbeeld.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="AN@voorbeeld.example")


def test_a_placement_is_not_active_before_the_information_note(proposal, now):
    with (
        pytest.raises(IntegrityError, match="placement_is_active_only_after_the_information_note"),
        transaction.atomic(),
    ):
        Placement.objects.create(proposal=proposal, confirmed_at=now, state="active")


def test_two_placements_cannot_run_for_one_proposal(proposal, now):
    Placement.objects.create(proposal=proposal, confirmed_at=now, state="ended")
    Placement.objects.create(proposal=proposal, confirmed_at=now)

    with pytest.raises(IntegrityError, match="placement_runs_once_per_proposal"), transaction.atomic():
        Placement.objects.create(proposal=proposal, confirmed_at=now)


def test_two_visits_cannot_be_planned_for_one_proposal(proposal, now):
    TrialVisit.objects.create(proposal=proposal, starts_at=now)

    with pytest.raises(IntegrityError, match="trial_visit_is_planned_once"), transaction.atomic():
        TrialVisit.objects.create(proposal=proposal, starts_at=now)


def test_one_occasion_is_one_delivery_per_channel(now):
    fields = {
        "occasion": "x",
        "kind": "x",
        "recipient": __import__("uuid").uuid4(),
        "language": "nl",
        "time_zone": "UTC",
        "channel": "email",
        "due_at": now,
    }
    Delivery.objects.create(**fields)

    with pytest.raises(IntegrityError, match="delivery_is_one_per_occasion_and_channel"), transaction.atomic():
        Delivery.objects.create(**fields)


def test_the_database_is_postgresql_and_knows_every_alphabet():
    with connection.cursor() as cursor:
        cursor.execute("select version(), lower('ÉÇŞ')")
        version, lowered = cursor.fetchone()

    assert version.startswith("PostgreSQL")
    assert lowered == "éçş"


def test_clearing_the_cache_leaves_the_queue_alone(settings):
    from django.core.cache import cache
    from redis import Redis

    queue = Redis.from_url(f"{settings.REDIS_URL}/0")
    queue.rpush("waiting", "a hint")
    cache.set("seen", 1)

    cache.clear()

    assert cache.get("seen") is None
    assert queue.lpop("waiting") == b"a hint"
    queue.close()
