"""A year of an invented city with the clock in hand: answers, silences, illness, organisations that never answer, people
who come together, buddies, moments with a least and a most, and what a day of help meant.

Nobody who waits is forgotten past a due date without it showing; nobody gets more than they chose; every place is given
once; every number of the report is that of a ledger kept beside it. Other dice in each run (pytest prints the seed). A larger city:
`YEAR_PEOPLE=500 YEAR_OPPORTUNITIES=200 YEAR_ORGANISATIONS=60 python3 backend/dev.py test tests/backend/test_a_year.py`.
"""

import os
import random
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone

from backend.accounts.models import User
from backend.celery import app
from backend.coordination.telling import SMALL, report_of
from backend.coordination.worklist import ANSWER_PROMISED, EACH_MAX, MOMENT_EXPECTED, items
from backend.engagements import actions as engagements
from backend.engagements import effects, shifts
from backend.engagements.models import Engagement, Shift, ShiftPlace
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.outbox.models import Event
from backend.placements import actions, buddies, duo, rhythm, rounds, states, tasks
from backend.placements.models import (
    OUTCOMES,
    SHARED_PLACE,
    Buddy,
    Case,
    CheckIn,
    Placement,
    Proposal,
    Question,
    TrialVisit,
)
from backend.placements.moments import moments_for
from backend.relay import FOLLOWS
from backend.talent.models import Volunteer
from notifications.models import Delivery

PEOPLE, OPPORTUNITIES, ORGANISATIONS = (
    int(os.environ.get(f"YEAR_{name}", few))
    for name, few in (("PEOPLE", 40), ("OPPORTUNITIES", 40), ("ORGANISATIONS", 12))
)
BEGINS = datetime(2027, 3, 1, 11, tzinfo=UTC)
DAYS = 365
DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
CEILING_EUR, YEAR_CEILING_EUR = Decimal("44.02"), Decimal("1760.83")  # of 2026, the last known ones
NEVER_ANSWERS = 0.15  # of organisations


class Year:
    """Everybody's habits, what they still want to do, and a ledger of what happened."""

    def __init__(self, place, move):
        self.place, self.move = place, move
        self.now = BEGINS
        self.plans = defaultdict(list)  # day -> what somebody does then
        self.seen = set()
        self.started, self.ended, self.yes = {}, {}, set()  # by placement: who stopped may begin again
        self.running = {}
        self.stopped_texts = 0
        self.given = defaultdict(list)  # (person, organisation, year) -> what was given on which day, and the warnings
        self.most_waiting = Counter()
        self.joined = set()  # who came along with somebody: they asked for it, nobody proposed it
        self.travelled = Counter()
        self.coming = {}  # (moment, placement) -> when somebody said that they come
        self.was_there = set()
        self.meant = set()  # (opportunity, day) of which an organisation said what it meant
        silent = random.sample(
            list(Organisation.objects.order_by("name")), round(NEVER_ANSWERS * Organisation.objects.count())
        )
        self.never_answers = {one.pk for one in silent}

    def later(self, days, what):
        self.plans[(self.now + max(1, round(days)) * DAY).date()].append(what)

    def live(self):
        for _day in range(DAYS):
            self.move(self.now)
            for what in self.plans.pop(self.now.date(), ()):
                what()
            actions.expire_proposals(now=self.now)
            if self.now.day in (1, 15):
                self.plan_moments()
            if self.now.weekday() == 0:
                rounds.run_round(self.place.slug, now=self.now)
            self.follow()
            rhythm.remind(self.place, now=self.now)
            shifts.remind(self.place, now=self.now)
            effects.tell_week(self.place, now=self.now)
            self.who_comes_tomorrow_knows_it()
            self.meet_what_is_new()
            if self.now.day == 15:
                self.a_bad_organisation_tries()
            if self.now.weekday() == 4:
                self.nobody_is_forgotten()
                self.every_place_is_given_once()
            self.now += DAY

    def follow(self):
        """What follows from what happened, as the relay would have it, each twice."""
        for _round in range(5):
            due = list(Event.objects.filter(done_at=None).order_by("pk"))
            for event in due:
                for _ in range(2):
                    app.tasks[FOLLOWS[event.name][0]](event_id=event.pk, **event.payload)
            if not due:
                return

    # --- what people do ----------------------------------------------------------------------------------------

    def meet_what_is_new(self):
        for proposal in Proposal.objects.filter(state=states.OPEN).exclude(pk__in=self.seen):
            self.seen.add(proposal.pk)
            answer = random.choices(("yes", "maybe", "no", None), (40, 10, 20, 30))[0]
            if answer:
                self.later(random.randint(1, 10), lambda pk=proposal.pk, answer=answer: self.answer(pk, answer))
        for check_in in CheckIn.objects.filter(answered_at=None).exclude(pk__in=self.seen):
            self.seen.add(check_in.pk)
            felt = random.choices(("good", "mixed", "bad", None), (50, 20, 10, 20))[0]
            if felt:
                who = check_in.placement.proposal_id
                self.later(
                    random.randint(1, 4), lambda who=who, felt=felt: actions.say_how_it_is(who, felt, now=self.now)
                )
        for case in Case.objects.filter(closed_at=None).exclude(pk__in=self.seen):
            self.seen.add(case.pk)
            self.later(random.randint(1, 25), lambda pk=case.pk: self.settle(pk))

    def settle(self, pk):
        actions.close_case(pk, random.choice(OUTCOMES), now=self.now)

    def answer(self, pk, answer):
        try:
            proposal = actions.answer_proposal(pk, answer, source="link", now=self.now)
        except (actions.TooLate, actions.StepNotAllowed):
            return
        if proposal.state != states.ACCEPTED:
            if answer == "maybe" and random.random() < 0.5:
                question = actions.ask_question(pk, "Hoe geraak ik daar?")
                if proposal.opportunity.organisation_id not in self.never_answers:
                    self.later(
                        random.randint(1, 6), lambda: actions.answer_question(question.pk, "Met tram 10.", now=self.now)
                    )
            return
        self.said_yes(proposal)
        if random.random() < 0.2:
            self.bring_somebody(proposal)

    def said_yes(self, proposal):
        pk = proposal.pk
        self.yes.add(pk)
        willing = buddies.may_take(proposal, buddies.willing_at(proposal.opportunity.organisation_id))
        if willing and random.random() < 0.5:
            buddies.choose(pk, random.choice(willing).pk, now=self.now)
        if random.random() < 0.8:
            moments = moments_for(Proposal.objects.get(pk=pk), self.now)
            if moments:
                visit = actions.book_trial_visit(pk, random.choice(moments), now=self.now)
                felt = random.choice(("good", "mixed", "bad", None))
                days = (visit.starts_at - self.now) / DAY + 1
                if felt:
                    self.later(days, lambda: self.tell_how_it_was(visit.pk, felt))
        if random.random() < 0.1:  # falls ill
            self.later(random.randint(2, 20), lambda: self.take_back(pk))
        if proposal.opportunity.organisation_id not in self.never_answers:
            self.later(random.randint(1, 14), lambda: self.welcome(pk))

    def bring_somebody(self, proposal):
        """Whoever they ask; most of them do not fit, are full already, or said no here before."""
        with suppress(actions.StepNotAllowed):  # not in a duo
            code = duo.code_of(duo.invite(proposal.pk, now=self.now))
            for other in random.sample(list(Volunteer.objects.order_by("pk")), 12):
                with suppress(duo.WrongCode, duo.NotNow, actions.DoesNotFit, actions.NoRoom, actions.StepNotAllowed):
                    made = duo.join(code, other, now=self.now)
                    self.joined.add(made.pk)
                    self.seen.add(made.pk)
                    self.said_yes(made)
                    return

    def tell_how_it_was(self, visit_id, felt):
        with suppress(actions.StepNotAllowed):  # fell ill before
            actions.tell_how_it_was(visit_id, felt, now=self.now)

    def take_back(self, pk):
        proposal = Proposal.objects.get(pk=pk)
        if proposal.state == states.ACCEPTED:
            self.end(pk)
            actions.answer_proposal(pk, "no", source="link", now=self.now)
            if random.random() < 0.3:
                self.later(random.randint(5, 60), lambda: self.come_back(pk))

    def come_back(self, pk):
        """Misses it, and asks in one step to begin again; the organisation welcomes them as before."""
        with suppress(actions.StepNotAllowed, actions.TooLate, actions.DoesNotFit, actions.NoRoom):
            if actions.come_back(pk, source="app", now=self.now).state == states.ACCEPTED:
                self.later(random.randint(1, 14), lambda: self.welcome(pk))

    def welcome(self, pk):
        try:
            placement = actions.confirm_placement(pk, now=self.now)
        except actions.StepNotAllowed:
            return
        self.later(random.randint(1, 5), lambda: self.start(pk, placement.pk))

    def start(self, pk, placement_id):
        if placement_id in self.started:
            return  # fell ill, came back, and was welcomed twice: one beginning
        try:
            actions.confirm_information_note(placement_id, "1", source="link", now=self.now)
        except actions.StepNotAllowed:
            return
        self.started[placement_id], self.running[pk] = self.now, placement_id
        if random.random() < 0.4:
            buddies.want(placement_id, is_wanted=True)
        rate, every = random.choice((0, 20, 44)), random.choice((3, 7))
        self.later(every, lambda: self.helped(pk, placement_id, rate, every))
        if random.random() < 0.6:
            self.later(random.expovariate(1 / 100), lambda: self.take_back(pk))

    def helped(self, pk, placement_id, rate, every):
        """The organisation writes down a day; now and then it gave more than may be given in a day."""
        today = self.place.local(self.now).date()
        euro = Decimal(60 if random.random() < 0.02 else rate)
        day = {"today": today, "flat_rate_eur": euro}
        if random.random() < 0.2:
            day |= {"km": Decimal(random.randint(1, 30)), "km_by": random.choice(("car", "bike"))}
        try:
            confirmed = engagements.confirm(placement_id, today, Decimal("2.5"), **day)
        except engagements.NotThatDay:
            return  # stopped meanwhile
        except engagements.CeilingPassed:
            confirmed = engagements.confirm(placement_id, today, Decimal("2.5"), **day, despite_ceiling=True)
        who = Proposal.objects.values_list("volunteer_id", "opportunity__organisation_id").get(pk=pk)
        self.given[*who, today.year].append((today, euro, set(confirmed.warnings)))
        self.travelled[placement_id, today] = confirmed.engagement.travel_eur
        if random.random() < 0.1:
            opportunity = confirmed.engagement.placement.proposal.opportunity
            effects.say(opportunity, today, "12 mensen aten soep", today=today)
            self.meant.add((opportunity.pk, today))
        self.later(every, lambda: self.helped(pk, placement_id, rate, every))

    def plan_moments(self):
        """Some organisations say when people are needed; some of those who help there say that they come."""
        helping = Placement.objects.filter(state=states.ACTIVE).select_related("proposal__opportunity")
        there = defaultdict(list)
        for placement in helping:
            there[placement.proposal.opportunity].append(placement)
        for opportunity, people in there.items():
            if random.random() < 0.5:
                continue
            day, least = (self.now + random.randint(4, 12) * DAY).date(), random.randint(1, 2)
            most = least + random.randint(0, 1)
            planned = shifts.plan(opportunity, day, time(14), time(16, 30), least=least, most=most, now=self.now)
            for shift, placement in ((shift, one) for shift in planned for one in people):
                if random.random() < 0.8:
                    self.later(random.randint(1, 3), lambda shift=shift, one=placement: self.come(shift.pk, one))
            for shift in planned:
                if random.random() < 0.15:
                    self.later(random.randint(1, 4), lambda shift=shift: self.call_off(shift.pk))
                self.later((shift.starts_at - self.now) / DAY + 2, lambda shift=shift: self.say_who_was_there(shift.pk))

    def come(self, shift_id, placement):
        with suppress(shifts.NoPlace, shifts.Collides, shifts.TooLate, actions.StepNotAllowed):
            shifts.take(shift_id, placement, now=self.now)
            self.coming[shift_id, placement.pk] = self.now
            if random.random() < 0.2:
                self.later(random.randint(1, 5), lambda: self.not_come(shift_id, placement))

    def not_come(self, shift_id, placement):
        with suppress(shifts.TooLate):
            shifts.give_back(shift_id, placement, now=self.now)
            self.coming.pop((shift_id, placement.pk), None)

    def call_off(self, shift_id):
        with suppress(shifts.TooLate):
            shifts.cancel(shift_id, now=self.now)

    def say_who_was_there(self, shift_id):
        came = [who for (shift, who) in self.coming if shift == shift_id and random.random() < 0.9]
        with suppress(shifts.TooLate):  # called off
            for _ in range(2):
                shifts.say_who_was_there(shift_id, came, now=self.now)
            at = Shift.objects.get(pk=shift_id).starts_at
            helped = Placement.objects.filter(pk__in=came).exclude(ended_at__lt=at)
            self.was_there |= {(one.pk, self.place.local(at).date()) for one in helped}

    def end(self, pk):
        if pk in self.running:
            self.ended[self.running.pop(pk)] = self.now

    def a_bad_organisation_tries(self):
        """More than the ceiling of the day: it is stopped with a warning, each time."""
        tried = random.choice(list(Opportunity.objects.filter(state="published")))
        opportunities.take_offline(tried, "paused")
        Opportunity.objects.filter(pk=tried.pk).update(
            expenses=["flat_rate"], flat_rate_per_day_eur=CEILING_EUR + random.randint(1, 60)
        )
        tried.refresh_from_db()
        with pytest.raises(opportunities.PublicationStopped) as stopped:
            opportunities.publish_opportunity(tried, now=self.now)
        assert "above_day_ceiling" in {one.code for one in stopped.value.findings}
        self.stopped_texts += 1

    # --- what must hold ----------------------------------------------------------------------------------------

    def nobody_is_forgotten(self):
        todo = items([self.place.slug], self.now, may_review=True, may_read_reports=True)
        shown = Counter(one.kind for one in todo)
        cases = set(Case.objects.filter(closed_at=None).values_list("pk", flat=True))
        on_list = {one.case for one in todo if one.case}
        assert on_list <= cases
        assert len(on_list) == min(len(cases), EACH_MAX)
        has_case = Exists(Case.objects.filter(about=OuterRef("pk"), closed_at=None))
        waiting = Proposal.objects.filter(state=states.ACCEPTED, answered_at__lt=self.now - MOMENT_EXPECTED)
        waiting = waiting.filter(~has_case, trial_visits=None, placements=None).count()
        assert shown["no_moment"] == min(waiting, EACH_MAX)
        asked = Question.objects.filter(answered_at=None, created_at__lt=self.now - ANSWER_PROMISED)
        assert shown["question"] == min(asked.filter(proposal__state__in=states.WELCOMED).count(), EACH_MAX)
        # An organisation that never says a word becomes a case, and stays one until somebody saw to it.
        overdue = Proposal.objects.filter(state=states.ACCEPTED, answered_at__lt=self.now - 14 * DAY)
        overdue = overdue.filter(trial_visits=None, placements=None)
        assert not overdue.exclude(Exists(Case.objects.filter(about=OuterRef("pk"), kind="no_word"))).exists()
        self.most_waiting |= shown

    def every_place_is_given_once(self):
        """Also when two share one, when one of them goes, and when a moment is full."""
        held = Proposal.objects.filter(state=states.ACCEPTED).exclude(place=SHARED_PLACE)
        held = Counter(held.values_list("opportunity_id", "place"))
        for pk, is_open, is_reserved in Opportunity.objects.values_list("pk", "taken_open", "taken_reserved"):
            assert (held[pk, "open"], held[pk, "reserved"]) == (is_open, is_reserved)
        full = ShiftPlace.objects.filter(placement__state=states.ACTIVE).values("shift", "shift__most")
        assert all(one["taken"] <= one["shift__most"] for one in full.annotate(taken=Count("pk")))
        # Whoever has a buddy has one who helps there now, and wanted to.
        assert not Buddy.objects.exclude(placement__state=states.ACTIVE, placement__is_buddy=True).exists()

    def who_comes_tomorrow_knows_it(self):
        """Whoever said so before today, did not take it back and still helps there; nobody when it was called off."""
        tomorrow = self.place.local(self.now).date() + DAY
        near = Shift.objects.filter(starts_at__gt=self.now, starts_at__lt=self.now + 2 * DAY)
        near = {one.pk: one for one in near if self.place.local(one.starts_at).date() == tomorrow}
        for (which, who), at in self.coming.items():
            if which in near:
                place = ShiftPlace.objects.select_related("placement").get(shift=which, placement=who)
                is_told = Delivery.objects.filter(occasion=f"shift_tomorrow:{place.pk}").exists()
                is_on = near[which].cancelled_at is None and place.placement.state == states.ACTIVE
                assert is_told == (is_on and at < self.now)


@pytest.fixture
def year(empty_city, monkeypatch, settings):
    from benchmarks import data

    app.loader.import_default_modules()  # every task that follows from something, as a worker knows it
    settings.IGNORE_QUIET_HOURS = False
    moment = [BEGINS]
    monkeypatch.setattr(timezone, "now", lambda: moment[0])
    monkeypatch.setattr(tasks, "database_now", lambda: moment[0])
    data.write(np.random.default_rng(random.getrandbits(32)), PEOPLE, OPPORTUNITIES, ORGANISATIONS)
    assert Organisation.objects.count() == ORGANISATIONS
    people = list(Volunteer.objects.order_by("pk"))
    for number, one in enumerate(people):
        one.proposals_per_week = random.choice((None, None, 1, 2))
        one.muted = random.choice(([], [], ["reminders"], ["check_ins", "reminders"]))
        if number % 3:
            one.user, one.channel = User.objects.create_user(email=f"jaar{number}@voorbeeld.example"), "email"
    Volunteer.objects.bulk_update(people, ["proposals_per_week", "muted", "user", "channel"])
    Event.objects.all().delete()

    def move(now):
        moment[0] = now

    return Year(empty_city, move)


def test_a_year_in_which_nobody_is_forgotten(year):
    year.live()

    assert year.yes, "something happened"  # how much is a matter of the dice: of who lives here, too
    assert year.started
    assert year.stopped_texts == 12
    nobody_got_more_than_they_chose(year)
    nobody_heard_what_they_muted()
    nobody_was_told_twice()
    no_ceiling_was_passed_without_a_warning(year)
    what_was_travelled_and_who_was_there_is_kept_once(year)
    who_helped_heard_on_a_monday_what_it_meant(year)
    the_report_is_the_ledger(year)


def nobody_got_more_than_they_chose(year):
    made = defaultdict(list)
    told = Proposal.objects.exclude(state=states.HELD)  # what waits for a matchmaker reaches nobody
    told = told.exclude(pk__in=year.joined)  # nobody proposed that: they came with a code
    for who, at in told.order_by("made_at").values_list("volunteer_id", "made_at"):
        made[who].append(at)
    chosen = dict(Volunteer.objects.values_list("pk", "proposals_per_week"))
    for who, moments in made.items():
        # Who chose nothing gets at most two in a fortnight (rules 6.4).
        most, within = (chosen[who], WEEK) if chosen[who] else (2, 2 * WEEK)
        for number, first in enumerate(moments):
            assert sum(at - first < within for at in moments[number:]) <= most, (most, moments)


def no_ceiling_was_passed_without_a_warning(year):
    """The organisation was warned at the day itself, the person by a message; the list of a year is what was given."""
    whole, highest = Counter(), Counter()
    for (who, organisation, in_year), given in year.given.items():
        total = Decimal(0)
        for number, (day, euro, warnings) in enumerate(given, 1):
            total += euro
            that_day = sum(one for on, one, _warned in given[:number] if on == day)
            if euro:
                assert ("day_passed" in warnings) == (that_day > CEILING_EUR)
                assert ("year_passed" in warnings) == (total > YEAR_CEILING_EUR)
                assert ("year_near" in warnings) == (Decimal("0.8") * YEAR_CEILING_EUR <= total <= YEAR_CEILING_EUR)
            whole[who, in_year] += euro
        days = Engagement.objects.filter(
            organisation=organisation, day__year=in_year, placement__proposal__volunteer=who
        )
        assert days.aggregate(paid=Sum("flat_rate_eur"))["paid"] == total
    per_day = Engagement.objects.values("placement__proposal__volunteer", "day").annotate(paid=Sum("flat_rate_eur"))
    for one in per_day:
        who = one["placement__proposal__volunteer"], one["day"].year
        highest[who] = max(highest[who], one["paid"])
    heard = set(Delivery.objects.filter(kind__startswith="expenses_").values_list("occasion", flat=True))
    assert len(heard) == Delivery.objects.filter(kind__startswith="expenses_").count()
    for (who, in_year), total in whole.items():
        is_over = total > YEAR_CEILING_EUR or highest[who, in_year] > CEILING_EUR
        assert (f"expenses_over:{who}:{in_year}" in heard) == is_over
        if Decimal("0.8") * YEAR_CEILING_EUR <= total and not is_over:
            assert f"expenses_near:{who}:{in_year}" in heard


def what_was_travelled_and_who_was_there_is_kept_once(year):
    kept = Engagement.objects.filter(km__gt=0).aggregate(travel=Sum("travel_eur"))["travel"] or 0
    assert kept == sum(year.travelled.values())
    for who, day in year.was_there:
        assert Engagement.objects.get(placement=who, day=day).hours == Decimal("2.5")


def who_helped_heard_on_a_monday_what_it_meant(year):
    """Everybody who was there, of each day once; at most one message a week, and none for another day."""
    told = Delivery.objects.filter(kind="what_it_meant").values_list("occasion", flat=True)
    assert all(date.fromisoformat(one.rpartition(":")[2]).weekday() == 0 for one in told)
    assert len(set(told)) == len(told)
    lately = (year.now - 8 * DAY).date()
    for one in Engagement.objects.select_related("placement__proposal"):
        meant = (one.placement.proposal.opportunity_id, one.day) in year.meant
        assert meant or one.effect_told_at is None
        assert one.effect_told_at or not meant or one.day >= lately


def nobody_heard_what_they_muted():
    muted = {
        group: [one.pk for one in Volunteer.objects.filter(muted__contains=[group])]
        for group in ("reminders", "check_ins")
    }
    for group, kinds in (("reminders", ["proposal_reminder"]), ("check_ins", ["check_in", "are_you_there"])):
        assert muted[group]
        assert not Delivery.objects.filter(kind__in=kinds, recipient__in=muted[group]).exists()


def nobody_was_told_twice():
    """Of each proposal at most one reminder, of each start at most one question per day that was set."""
    reminders = Counter(Delivery.objects.filter(kind="proposal_reminder").values_list("occasion", flat=True))
    assert reminders
    assert max(reminders.values()) == 1
    asked = Counter(CheckIn.objects.values_list("placement_id", "days"))
    assert max(asked.values()) == 1
    assert 1 in (days := set(CheckIn.objects.values_list("days", flat=True)))
    assert days <= {1, 14, 42, 90}


def the_report_is_the_ledger(year):
    now = year.now
    told = {one.figure.code: one for one in report_of(year.place, BEGINS.date(), now.date(), now)}
    people = dict(Placement.objects.values_list("pk", "proposal__volunteer_id"))
    assert told["proposals"].whole == Proposal.objects.exclude(state=states.HELD).count()
    began = len({people[pk] for pk in year.started})
    assert told["starts"].whole == (began if began >= SMALL else None)
    long_ago = {pk: at for pk, at in year.started.items() if at <= now - 90 * DAY}
    assert Placement.objects.exclude(ended_at=None).count() >= len(year.ended)
    stayed = sum(pk not in year.ended or year.ended[pk] - at >= 90 * DAY for pk, at in long_ago.items())
    if len(long_ago) >= 10:
        assert told["stayed"].of == len(long_ago)
        assert told["stayed"].whole == pytest.approx(stayed / len(long_ago))
    assert TrialVisit.objects.exists()
