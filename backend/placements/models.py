"""Proposal, the link to it, the trial visit and the placement; and what one round looked at."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from backend.accounts.models import StaffRole
from backend.common.models import Row, is_one_of
from backend.opportunities.models import Opportunity
from backend.placements import states
from backend.talent.models import Volunteer

OPEN_PLACE, RESERVED_PLACE = "open", "reserved"
SHARED_PLACE = "shared"  # that of somebody else: see PairPlacement
LINK_FOR_VOLUNTEER, LINK_FOR_ORGANISATION = "proposal", "candidate"
LINK_HOW_IS_IT, LINK_STILL_THERE = "how_is_it", "silence"
PURPOSES = (LINK_FOR_VOLUNTEER, LINK_FOR_ORGANISATION, LINK_HOW_IS_IT, LINK_STILL_THERE)
AFTERCARE, SILENCE, NO_WORD, COME_ALONG = CASE_KINDS = "aftercare", "silence", "no_word", "come_along"
THANKS, CRISIS = CAMPAIGN_KINDS = "thanks_campaign", "crisis_call"
FAST, FAIR, WAITING = PRESETS = "fast", "fair", "waiting"  # what a planned round looks at most
QUESTION_LONGEST = 500
DISCRIMINATION, UNSAFE, NOT_RIGHT, IDEA = REPORT_KINDS = "discrimination", "unsafe", "not_right", "idea"
REPORT_LONGEST = 1000
NOTE_LONGEST = 300
GIVEN, TAKEN, LET_GO, CLOSED_CASE = CARE_STEPS = "given", "taken", "let_go", "closed"
# How a case ended. After the first the person knows already; of the others they are told.
SPOKE, SOLVED, ELSEWHERE, NOT_REACHED = OUTCOMES = "spoke", "solved", "elsewhere", "not_reached"
FILED, ANSWERED, NOT_NEEDED = FORMALITY_STATES = "filed", "answered", "not_needed"
TO_DO = "to_do"  # of what nothing was noted yet
FORMALITY_STATES_TOLD = (TO_DO, *FORMALITY_STATES)
FELT = ("good", "mixed", "bad")  # how a first time was, in three faces
# Why an organisation goes on without somebody: about the place and the hours, never about who somebody is.
NOT_FOR_US = ("no_place_now", "other_hours", "other_talent", "not_enough_support")
# Why somebody said no, when they want to say it; nothing follows from it.
WHY_NOT = ("too_far", "no_time", "not_for_me", "too_hard", "have_something")
# Why somebody of the volunteer point proposed a pair themselves (rules 6.7).
BY_HAND = ("spoke_together", "organisation_asked", "better_support", "looked_at_it", "nothing_else")
SOURCES = ("link", "app", "web", "phone", "sms", "desk", "paper", "guide")


class Proposal(Row):
    """Suggested pair with its reasons; nothing is shared with the organisation before the volunteer says yes.

    `place` says which kind of place a yes holds; nobody outside the volunteer point ever sees it. A proposal with
    `referred_from` is a referral: an organisation thinks of somebody else's opportunity for its own candidate.
    """

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="proposals")
    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="proposals")
    state = models.CharField(max_length=10, default=states.OPEN)
    parts = models.JSONField()
    points = models.IntegerField()
    distance_km = models.FloatField()
    reasons = models.JSONField()
    not_perfect = models.JSONField()
    easy_start = models.JSONField()
    for_organisation = models.JSONField()
    made_at = models.DateTimeField()
    answer_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=8, blank=True, default="")
    place = models.CharField(max_length=8, null=True, blank=True)
    is_surprise = models.BooleanField(default=False)  # something else for a change; only for who asked for that
    # A place came free for somebody who waited: asked again, until `answer_until`.
    offered_at = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    not_for_us = models.CharField(max_length=20, blank=True, default="")
    # Proposed by a person of the point, and why. The database has the default too: older processes write on meanwhile.
    by_hand = models.CharField(max_length=20, blank=True, default="", db_default="")
    # Boundaries that the person wants the organisation to know of once they start: ticked by them, one by one (R036).
    told_boundaries = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    why_not = models.CharField(max_length=16, blank=True, default="", db_default="")  # by the volunteer
    referred_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="referrals")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "volunteer"], name="proposal_is_made_once_per_pair"),
            is_one_of("state", states.PROPOSAL_STATES, "proposal_state_is_known"),
            is_one_of("answered_by", ("", *SOURCES), "proposal_answer_source_is_known"),
            models.CheckConstraint(
                condition=Q(
                    state=states.ACCEPTED, place__isnull=False, place__in=(OPEN_PLACE, RESERVED_PLACE, SHARED_PLACE)
                )
                | (~Q(state=states.ACCEPTED) & Q(place=None)),
                name="proposal_holds_a_place_exactly_when_accepted",
            ),
            models.CheckConstraint(condition=Q(answer_until__gt=F("made_at")), name="proposal_can_be_answered"),
            is_one_of("not_for_us", ("", *NOT_FOR_US), "proposal_not_for_us_is_known"),
            is_one_of("by_hand", ("", *BY_HAND), "proposal_by_hand_is_known"),
            is_one_of("why_not", ("", *WHY_NOT), "proposal_why_not_is_known"),
            models.CheckConstraint(
                condition=Q(not_for_us="") | Q(state=states.WITHDRAWN), name="proposal_not_for_us_is_withdrawn"
            ),
            models.CheckConstraint(condition=~Q(referred_from=F("pk")), name="proposal_is_not_its_own_referral"),
        ]
        indexes = [
            # queries.recent_proposals: what a person got lately.
            models.Index(fields=["volunteer", "made_at"], name="proposal_by_volunteer"),
            # actions.expire_proposals: what nobody answered.
            # queries.demand and queries.room: what is open at some opportunities.
            models.Index(
                fields=["opportunity", "volunteer"], name="proposal_welcomed", condition=Q(state__in=states.WELCOMED)
            ),
            models.Index(fields=["answer_until"], name="proposal_unanswered", condition=Q(state__in=states.ANSWERABLE)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PairPlacement(Row):
    """Two people in one place (duo). `first` holds the place and gave a code to somebody they know; whoever came with
    it is `second`. The code itself is stored nowhere.
    """

    first = models.OneToOneField(Proposal, models.CASCADE, related_name="pair")
    second = models.OneToOneField(Proposal, models.CASCADE, null=True, blank=True, related_name="joined_pair")
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(first=F("second")), name="pair_is_of_two")]

    def __str__(self) -> str:
        return str(self.pk)


class Buddy(Row):
    """Who helps at an organisation already takes somebody new there by the hand."""

    newcomer = models.OneToOneField(Proposal, models.CASCADE, related_name="buddy")
    placement = models.ForeignKey("Placement", models.CASCADE, related_name="newcomers")
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Link(Row):
    """A one-purpose door without a login. The token itself is stored nowhere: only its SHA-256."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "purpose"], name="link_is_one_per_proposal_and_purpose"),
            is_one_of("purpose", PURPOSES, "link_purpose_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TrialVisit(Row):
    """One time to try, without a promise. On screen for volunteers: één keer proberen."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="trial_visits")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=states.PLANNED)
    felt = models.CharField(max_length=8, blank=True, default="")  # by the volunteer

    class Meta:
        constraints = [
            is_one_of("felt", ("", *FELT), "trial_visit_feeling_is_known"),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(state=states.PLANNED), name="trial_visit_is_planned_once"
            ),
            is_one_of("state", states.TRIAL_VISIT_STATES, "trial_visit_state_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Placement(Row):
    """The volunteer starts. It becomes active only after the information note was confirmed (law, art. 4)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="placements")
    state = models.CharField(max_length=10, default=states.AGREED)
    confirmed_at = models.DateTimeField()
    information_note_version = models.CharField(max_length=20, blank=True, default="")
    information_note_confirmed_at = models.DateTimeField(null=True, blank=True)
    # Over which way: the organisation must be able to prove it (law, art. 4).
    information_note_source = models.CharField(max_length=8, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    agreement_signed_on = models.DateField(null=True, blank=True)  # where the decree of 2009 asks for it
    is_buddy = models.BooleanField(default=False, db_default=False)  # wants to take somebody new by the hand there
    extract_shown_on = models.DateField(null=True, blank=True)  # model 596.2: seen on a day, never kept (R054)

    class Meta:
        constraints = [
            is_one_of("state", states.PLACEMENT_STATES, "placement_state_is_known"),
            is_one_of("information_note_source", ("", *SOURCES), "placement_note_source_is_known"),
            models.UniqueConstraint(
                fields=["proposal"], condition=~Q(state=states.ENDED), name="placement_runs_once_per_proposal"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(state=states.ENDED), name="placement_that_runs_did_not_end"
            ),
            models.CheckConstraint(
                condition=~Q(state=states.ACTIVE) | Q(information_note_confirmed_at__isnull=False),
                name="placement_is_active_only_after_the_information_note",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Formality(Row):
    """What somebody themselves noted of a thing to tell before they start: when they handed it in, that an answer
    came, or that it is not needed. Without a row it is still to do. No organisation ever sees one.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="formalities")
    formality = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    filed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "formality"], name="formality_is_kept_once"),
            is_one_of("state", FORMALITY_STATES, "formality_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=FILED) | Q(filed_on__isnull=False), name="formality_was_filed_on_a_day"
            ),
        ]
        indexes = [
            # formalities.waiting: whose answer is due.
            models.Index(fields=["filed_on"], name="formality_filed", condition=Q(state=FILED)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CheckIn(Row):
    """Somebody who started is asked how it is going, `days` after the start; `felt` is their answer (R007)."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="check_ins")
    days = models.PositiveSmallIntegerField()
    felt = models.CharField(max_length=8, blank=True, default="")
    words = models.CharField(max_length=QUESTION_LONGEST, blank=True, default="", db_default="")  # the open question
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "days"], name="check_in_is_asked_once"),
            is_one_of("felt", ("", *FELT), "check_in_feeling_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Case(Row):
    """Something for a person of the volunteer point to look at: no machine settles it, and nothing follows for the
    volunteer but a friendly word. `about` is the check-in or the proposal it came from.
    """

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="cases")
    kind = models.CharField(max_length=12)
    about = models.UUIDField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True, default="", db_default="")  # empty: it went by itself

    class Meta:
        constraints = [
            is_one_of("kind", CASE_KINDS, "case_kind_is_known"),
            is_one_of("outcome", ("", *OUTCOMES), "case_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(closed_at__isnull=False), name="case_with_an_outcome_is_closed"
            ),
            models.UniqueConstraint(fields=["kind", "about"], name="case_is_opened_once"),
        ]
        indexes = [
            # the worklist: what is open, oldest first.
            models.Index(fields=["created_at"], name="case_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Care(Row):
    """Who of the volunteer point looks after one line of the worklist, and what comes next. `about` is the case, or
    whatever the line is worked out from; a colleague who leaves the team lets go of everything.
    """

    kind = models.CharField(max_length=16)
    about = models.UUIDField()
    owner = models.ForeignKey(StaffRole, models.CASCADE, related_name="cares")
    note = models.CharField(max_length=NOTE_LONGEST, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "about"], name="care_is_of_one_colleague")]

    def __str__(self) -> str:
        return str(self.pk)


class CareStep(Row):
    """What happened to a line of the worklist, in order: given to a colleague, taken, let go of, closed."""

    kind = models.CharField(max_length=16)
    about = models.UUIDField()
    what = models.CharField(max_length=8)
    by = models.ForeignKey(StaffRole, models.SET_NULL, null=True, blank=True, related_name="care_steps")
    note = models.CharField(max_length=NOTE_LONGEST, blank=True, default="")

    class Meta:
        constraints = [is_one_of("what", CARE_STEPS, "care_step_is_known")]
        indexes = [
            # the worklist: what happened to the lines of one page.
            models.Index(fields=["about"], name="care_step_by_line"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Campaign(Row):
    """The city says thank you to everybody who helps, or calls upon those who said that it may (R020)."""

    city = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    day = models.DateField()
    text = models.CharField(max_length=200, blank=True, default="")
    postcode = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        constraints = [
            is_one_of("kind", CAMPAIGN_KINDS, "campaign_kind_is_known"),
            models.UniqueConstraint(
                fields=["city", "kind", "day", "text", "postcode"], name="campaign_is_run_once_a_day"
            ),
            models.CheckConstraint(condition=~Q(kind=CRISIS) | ~Q(text=""), name="campaign_in_need_says_what_for"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Report(Row):
    """What somebody told the volunteer point, with or without saying who they are; followed by a code. Nobody of an
    organisation reads it (R059).
    """

    city = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    text = models.CharField(max_length=REPORT_LONGEST)
    contact = models.CharField(max_length=254, blank=True, default="")
    code_hash = models.CharField(max_length=64, unique=True)
    answer = models.CharField(max_length=REPORT_LONGEST, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            is_one_of("kind", REPORT_KINDS, "report_kind_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="report_holds_at_least_a_word"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="report_is_answered_with_words",
            ),
        ]
        indexes = [
            # what waits for an answer, oldest first.
            models.Index(fields=["created_at"], name="report_open", condition=Q(answered_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Thanks(Row):
    """A thank-you of an organisation to somebody who helped."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="thanks")
    text = models.CharField(max_length=300)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by the volunteer, who need not say why

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="thanks_hold_at_least_a_word")]

    def __str__(self) -> str:
        return str(self.pk)


class Question(Row):
    """What a volunteer wants to know before answering. The organisation sees the question, never who asks."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="questions")
    text = models.CharField(max_length=QUESTION_LONGEST)
    answer = models.CharField(max_length=QUESTION_LONGEST, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_holds_at_least_a_word"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="question_is_answered_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SplitRound(Row):
    """A round that several matchers rank together, each some blocks of people."""

    city = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    parts = models.PositiveSmallIntegerField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(parts__gt=1), name="split_round_has_several_parts"),
            models.UniqueConstraint(
                fields=["city"], condition=Q(finished_at=None), name="split_round_runs_once_in_a_city"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.started_at}"


class RankedPart(models.Model):
    """What one matcher ranked: pairs of ids with their points, packed; null until it is done."""

    split = models.ForeignKey(SplitRound, models.CASCADE, related_name="ranked")
    number = models.PositiveSmallIntegerField()
    pairs = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["split", "number"], name="ranked_part_is_one_per_number")]

    def __str__(self) -> str:
        return f"{self.split_id} {self.number}"


class PlannedRound(Row):
    """A round that somebody of the volunteer point asked for, looks at, and publishes or stops. Its pairs are nobody's
    proposals yet, and go when it is done or stopped; `figures` stay (see planned.figures_of).
    """

    city = models.CharField(max_length=40)
    preset = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default=states.ASKED)
    figures = models.JSONField(default=dict)
    goes_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            is_one_of("preset", PRESETS, "planned_round_preset_is_known"),
            is_one_of("state", states.PLANNED_ROUND_STATES, "planned_round_state_is_known"),
            models.UniqueConstraint(
                fields=["city"], condition=Q(state__in=states.PLANNED_ROUND_OPEN), name="planned_round_is_one_in_a_city"
            ),
            models.CheckConstraint(
                condition=~Q(state=states.GOING) | Q(goes_out_at__isnull=False),
                name="planned_round_goes_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.created_at}"


class PlannedPair(models.Model):
    """One proposal that a planned round would make."""

    planned = models.ForeignKey(PlannedRound, models.CASCADE, related_name="pairs")
    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="+")
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="+")
    points = models.IntegerField()
    spread = models.IntegerField()
    is_kept = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["planned", "volunteer", "opportunity"], name="planned_pair_is_planned_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Round(Row):
    """What one run over a city looked at and made: counts, and the ids of whom and what nothing fitted."""

    city = models.CharField(max_length=40)
    people = models.PositiveIntegerField()
    opportunities = models.PositiveIntegerField()
    pairs = models.PositiveBigIntegerField()
    blocked = models.JSONField()
    proposals = models.PositiveIntegerField()
    organisations_reached = models.FloatField()
    gini = models.FloatField()
    seconds = models.FloatField()
    gap = models.FloatField(default=0)  # at most this share below the best of all distributions
    fairness = models.JSONField(default=dict)  # see matching.fairness
    gaps = models.JSONField(default=dict)  # see gaps.gaps_of: ids of what was stuck, for the volunteer point

    def __str__(self) -> str:
        return f"{self.city} {self.created_at}"
