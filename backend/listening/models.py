"""What the volunteer point hears and answers: support that organisations ask, signals for policy, and trainings."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.accounts.models import StaffRole
from backend.common.models import Row, is_one_of
from backend.listening import states
from backend.organisations.models import Organisation
from backend.talent.models import Consent, Volunteer

# R027: exactly these five, and legal.
MATERIAL, SPACE, MONEY, COMMUNICATION, COACHING, LEGAL = SUPPORT_KINDS = (
    "material", "space", "money", "communication", "coaching", "legal",
)  # fmt: skip
SIGNAL_THEMES = ("papers", "money", "language", "transport", "respect", "places", "other")
BY_WEB, BY_SMS, BY_GUIDE, BY_ORGANISATION = SIGNAL_SOURCES = "web", "sms", "guide", "organisation"
COURSE, RECEPTION, CULTURES, COACHING_GROUP, PEER_SUPERVISION, EXCHANGE, PARTNER_DAY, VISIT = TRAINING_KINDS = (
    "course", "reception", "cultures", "coaching_group", "peer_supervision", "exchange", "partner_day", "visit",
)  # fmt: skip
FOR_PARTNERS = (PARTNER_DAY, VISIT)  # shown to organisations and the volunteer point alone (R076, R113)
LONGEST, TITLE_LONGEST, GUEST_LONGEST = 1000, 120, 40
BY_PHONE, BY_VISIT, BY_MAIL, AT_A_MEETING = TALK_WAYS = "phone", "visit", "mail", "meeting"
KNOWLEDGE_LONGEST, CHOICE_LONGEST = 6000, 40


class SupportRequest(Row):
    """An organisation needs something: another one, or the volunteer point, may offer it (R026)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="support_requests")
    kind = models.CharField(max_length=16)
    text = models.CharField(max_length=LONGEST)
    needed_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, default=states.OPEN)
    agreed_with = models.ForeignKey(
        "SupportOffer", models.PROTECT, null=True, blank=True, related_name="+"
    )  # the offer that was taken

    class Meta:
        constraints = [
            is_one_of("kind", SUPPORT_KINDS, "support_kind_is_known"),
            is_one_of("state", states.REQUEST_STATES, "support_state_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="support_request_holds_a_word"),
            models.CheckConstraint(
                condition=Q(state__in=(states.AGREED, states.DONE), agreed_with__isnull=False)
                | (~Q(state__in=(states.AGREED, states.DONE)) & Q(agreed_with=None)),
                name="support_is_agreed_with_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SupportOffer(Row):
    """ "We can help with that": by another organisation, or by the volunteer point when there is none."""

    request = models.ForeignKey(SupportRequest, models.CASCADE, related_name="offers")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=LONGEST)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "organisation"], nulls_distinct=False, name="support_is_offered_once_each"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="support_offer_holds_a_word"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SignalGroup(Row):
    """Signals about the same, taken to policy together; decided only with an answer that everybody may read (R060)."""

    city = models.CharField(max_length=40)
    title = models.CharField(max_length=TITLE_LONGEST)
    state = models.CharField(max_length=12, default=states.HEARD)
    answer = models.CharField(max_length=LONGEST, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "title"], name="signal_group_is_named_once_in_a_city"),
            is_one_of("state", states.GROUP_STATES, "signal_group_state_is_known"),
            models.CheckConstraint(condition=~Q(title=""), name="signal_group_has_a_title"),
            models.CheckConstraint(
                condition=(Q(state=states.DECIDED, decided_at__isnull=False) & ~Q(answer=""))
                | (~Q(state=states.DECIDED) & Q(decided_at=None, answer="")),
                name="signal_group_is_decided_with_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Signal(Row):
    """What somebody wants policy to know: about a theme, never about a person (R028, R058). Followed by a code; who
    leaves a contact hears the answer, and the contact goes then.
    """

    city = models.CharField(max_length=40)
    theme = models.CharField(max_length=12)
    text = models.CharField(max_length=LONGEST)
    source = models.CharField(max_length=12)
    language = models.CharField(max_length=8)
    contact = models.CharField(max_length=254, blank=True, default="")
    code_hash = models.CharField(max_length=64, unique=True)
    group = models.ForeignKey(SignalGroup, models.PROTECT, null=True, blank=True, related_name="signals")

    class Meta:
        constraints = [
            is_one_of("theme", SIGNAL_THEMES, "signal_theme_is_known"),
            is_one_of("source", SIGNAL_SOURCES, "signal_source_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="signal_holds_a_word"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Story(Row):
    """What somebody tells of helping, in their own words. Everybody reads it only while its consent stands (R084)."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="stories")
    text = models.CharField(max_length=LONGEST)
    consent = models.OneToOneField(Consent, models.CASCADE, related_name="story")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="story_holds_a_word")]

    def __str__(self) -> str:
        return str(self.pk)


class Training(Row):
    """A training, coaching, peer supervision, exchange or partner day, by any partner (R039); or a visit, at the
    `organisation` that is its host (R113).
    """

    city = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=TITLE_LONGEST)
    text = models.CharField(max_length=LONGEST, blank=True, default="")
    by = models.CharField(max_length=120)  # which partner gives it
    where = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="visits")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "title", "starts_at"], condition=Q(cancelled_at=None), name="training_is_planned_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=VISIT, organisation__isnull=False) | (~Q(kind=VISIT) & Q(organisation=None)),
                name="training_visit_has_a_host",
            ),
            is_one_of("kind", TRAINING_KINDS, "training_kind_is_known"),
            models.CheckConstraint(condition=~Q(title=""), name="training_has_a_title"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="training_ends_after_it_began"),
            models.CheckConstraint(condition=Q(places__range=(1, 500)), name="training_has_1_to_500_places"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TrainingPlace(Row):
    """Somebody's place at a training, or on its waiting list, in the order of `asked_at`. A guest has no account: a
    first name, and a contact if they wish to hear of a place; both go a month after the training.
    """

    training = models.ForeignKey(Training, models.CASCADE, related_name="taken")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="training_places"
    )
    guest = models.CharField(max_length=GUEST_LONGEST, blank=True, default="", db_default="")
    contact = models.CharField(max_length=254, blank=True, default="", db_default="")
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    came = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["training", "user"], name="training_place_is_one_each"),
            models.UniqueConstraint(
                fields=["training", "guest", "contact"], condition=Q(user=None), name="training_place_is_one_each_guest"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, guest="", contact="") | (Q(user=None) & ~Q(guest="")),
                name="training_place_is_of_an_account_or_a_guest",
            ),
            is_one_of("state", states.PLACE_STATES, "training_place_state_is_known"),
            models.CheckConstraint(
                condition=Q(came=None) | Q(state=states.IN), name="training_is_attended_by_who_had_a_place"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Talk(Row):
    """What somebody of the volunteer point spoke about with an organisation, and when to call again (R005). The
    organisation does not read it; it says nothing about a volunteer.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="talks")
    by = models.ForeignKey(StaffRole, models.SET_NULL, null=True, blank=True, related_name="+")
    day = models.DateField()
    way = models.CharField(max_length=8)
    text = models.CharField(max_length=LONGEST)
    again_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            is_one_of("way", TALK_WAYS, "talk_way_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="talk_holds_a_word"),
            models.CheckConstraint(
                condition=Q(again_on=None) | Q(again_on__gt=F("day")), name="talk_goes_on_on_a_later_day"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "day"], name="talk_by_organisation")]

    def __str__(self) -> str:
        return str(self.pk)


class KnowledgePage(Row):
    """Something that works, written down by an organisation or by the volunteer point, which looks first (R018)."""

    city = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=TITLE_LONGEST)
    text = models.CharField(max_length=KNOWLEDGE_LONGEST)
    search_text = models.TextField()  # title and text; see plain_words
    published_on = models.DateField(null=True, blank=True)  # empty: the volunteer point has not looked yet

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "title"], name="knowledge_page_has_a_title_of_its_own"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="knowledge_page_holds_words"),
        ]

    def __str__(self) -> str:
        return self.title


class Poll(Row):
    """A short question on a screen in an open house (R061)."""

    city = models.CharField(max_length=40)
    question = models.CharField(max_length=TITLE_LONGEST)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "question"], condition=Q(closed_at=None), name="poll_runs_once_in_a_city"
            ),
            models.CheckConstraint(condition=~Q(question=""), name="poll_asks_a_question"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PollChoice(Row):
    """What somebody can tap: words with a picture, and how often it was tapped. Nothing else is kept."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=CHOICE_LONGEST)
    picture = models.CharField(max_length=80)  # a file among the static ones
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "position"], name="poll_choice_has_a_place_of_its_own"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
