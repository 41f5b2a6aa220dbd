"""Begin: a few screens with drawings, what fits before anything is asked about the person, and then the own card.

Answers stay in the session of this browser for a day; nobody else sees them before the code is given.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.actions import start_account
from backend.accounts.journal import POINT
from backend.accounts.pages import ask_for_code
from backend.city.load import CityFile, city, default_city
from backend.common import limits
from backend.common.versions import ChangedMeanwhile
from backend.me.start_forms import (
    A_LITTLE,
    DAY_WORDS,
    DUTCH_WORDS,
    GROUPS,
    HELP_WORDS,
    LIKES_MAX,
    PART_WORDS,
    REACH,
    SPEAKS,
    SPOKEN_HERE,
    LanguagesForm,
    LikesForm,
    NameForm,
    TogetherForm,
    WhenForm,
    WhereForm,
)
from backend.opportunities.queries import one_online
from backend.placements import actions as placements
from backend.placements.fitting import Fitting, fitting, settled_for
from backend.placements.models import LINK_FOR_VOLUNTEER
from backend.placements.shown import km_and_minutes, why_not
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, path_of
from backend.talent import actions
from backend.talent.access import people_behind, volunteer_of
from backend.talent.case import checked, own_record_of
from backend.talent.models import PROPOSALS, TALENT_GUIDE, Volunteer
from backend.ui.pictures import pictures
from backend.ui.spoken import spoken, spoken_language, work_language
from matching import words
from matching.catalogue import load_catalogue
from matching.suggest import suggest
from matching.types import LOCAL_LANGUAGE, SLOTS

DRAFT, KEPT = "start", timedelta(days=1)
# Together with a colleague at the desk: nobody reads over a shoulder what somebody left behind.
TOGETHER, UNTOUCHED = "together", timedelta(minutes=5)
HERE = "desk_here"
MANDATE = timedelta(days=365)  # a yes that was said aloud is asked again after a year
FITS_SHOWN, COUNTED_MAX = 5, 20
PROFESSION = "beroep_elders"
FITS_ON_CARD = 3
LEVEL_OF_A_DRAWING = 2  # "I can do this"
LEVEL_WORDS = {"1": _("Ik wil dit leren"), "2": _("Ik kan dit"), "3": _("Ik kan dit goed")}
LEVEL_CODES = frozenset(LEVEL_WORDS)
HELPS = frozenset(one.partition(":")[2] for one in HELP_WORDS)
FARTHEST_KM = REACH["city"][1]
# What has to be known before a step can be shown.
STEPS = {"start_can": "likes", "start_when": "likes", "start_where": "available", "start_fits": "neighbourhood"}
STEPS |= dict.fromkeys(("start_languages", "start_name", "start_done"), "neighbourhood")
STEP_COUNT = 6

page = require_http_methods(["GET", "HEAD", "POST"])


def _draft(request: HttpRequest) -> dict[str, Any]:
    """What was answered so far, when that was less than a day ago."""
    draft: dict[str, Any] = request.session.get(DRAFT, {})
    if draft and datetime.fromisoformat(draft["at"]) < timezone.now() - KEPT:
        del request.session[DRAFT]
        return {}
    return draft


def _keep(request: HttpRequest, **answers: Any) -> None:
    request.session[DRAFT] = {**_draft(request), **answers, "at": timezone.now().isoformat()}
    if not request.user.is_authenticated:
        request.session.set_expiry(int(KEPT.total_seconds()))  # and then the row goes, with what was answered


def step(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A screen of these: in the own language, never kept by a browser, and not before the one that it needs."""

    def shown(request: HttpRequest) -> HttpResponse:
        if _draft(request).get(TOGETHER):
            if is_left_alone(request):
                return redirect("desk")
            _keep(request)
        draft, name = _draft(request), str(request.resolver_match and request.resolver_match.url_name)
        order = list(STEPS)
        for earlier in order[: order.index(name) + 1] if name in STEPS else ():
            if STEPS[earlier] not in draft:
                is_first = STEPS[earlier] == "likes"
                return redirect("start_likes" if is_first else order[order.index(earlier) - 1])
        return view(request)

    return spoken(never_cache(page(shown)))


def begin_together(request: HttpRequest) -> None:
    """An empty card, to fill in with somebody at the desk."""
    request.session[DRAFT] = {TOGETHER: True, "at": timezone.now().isoformat()}


def forget(request: HttpRequest) -> None:
    """Whatever was filled in is gone."""
    request.session.pop(DRAFT, None)


def now_here(request: HttpRequest, volunteer: Volunteer) -> None:
    """A colleague says that this person is here, looking along."""
    request.session[HERE] = {"who": str(volunteer.pk), "at": timezone.now().isoformat()}


def is_left_alone(request: HttpRequest) -> bool:
    """Nobody touched the screen at the desk for five minutes: it is empty then."""
    at = datetime.fromisoformat(_draft(request)["at"])
    if timezone.now() - at <= UNTOUCHED:
        return False
    forget(request)
    with translation.override(work_language(request)):
        messages.warning(request, gettext("Het scherm is leeg: 5 minuten raakte niemand het aan."))
    return True


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The language first, once."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return redirect("start_likes")
    return HttpResponseRedirect(f"{reverse('language')}?next={reverse('start_likes')}")


@step
def likes(request: HttpRequest) -> HttpResponse:
    """Drawings, or own words that lead to them. More of them is asked for with the same form, so that nothing chosen
    gets lost; the words themselves are kept nowhere.
    """
    chosen = request.POST.getlist("likes") or _draft(request).get("likes", [])
    form = LikesForm(request.POST if request.method == "POST" else None)
    wants_more, own_words = "more" in request.GET or "more" in request.POST, str(request.POST.get("words", "")).strip()
    # The enter key presses the first button there is, so words count with every button but a choice.
    looks_for = "find" in request.POST or bool(own_words and ("more" in request.POST or not request.POST.get("likes")))
    is_choosing = request.method == "POST" and "more" not in request.POST and not looks_for
    if is_choosing and form.is_valid():
        _keep(request, likes=form.cleaned_data["likes"])
        return redirect("start_can" if "levels" in request.POST else "start_when")
    found = suggest(own_words if looks_for else "", {code: one.labels.values() for code, one in pictures().items()})
    known = load_catalogue().talents
    without = [code for code in chosen if code in known and code not in pictures() and code not in found]
    drawn = [one.talent for one in pictures().values() if one.page == 1 or wants_more or one.talent in chosen]
    seen = {
        "found": [_talent(code) for code in found],
        "talents": [_talent(code) for code in (*without, *drawn) if code not in found],
        "own_words": own_words,
        "looks_for": looks_for,
        "chosen": chosen,
        "has_all": wants_more,
        "step": 1,
    }
    return _screen(request, "likes", seen, form if is_choosing else None)


@step
def can(request: HttpRequest) -> HttpResponse:
    """ "Zeg meer": learning it, able to do it, or good at it. Nobody has to come here."""
    draft = _draft(request)
    levels = draft.get("levels", {})
    if request.method == "POST":
        said = {code: request.POST.get(code, "") for code in draft["likes"]}
        levels |= {code: int(level) for code, level in said.items() if level in LEVEL_CODES}
        _keep(request, levels=levels)
        return redirect("start_when")
    rows = [(_talent(code), str(levels.get(code, LEVEL_OF_A_DRAWING))) for code in draft["likes"]]
    return _screen(request, "can", {"rows": rows, "levels": LEVEL_WORDS.items(), "step": 1})


@step
def when(request: HttpRequest) -> HttpResponse:
    form = WhenForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        _keep(request, available=form.cleaned_data["when"])
        return redirect("start_where")
    available = _draft(request).get("available")
    is_per_day = "per_dag" in request.GET or "per_dag" in request.POST or not _fits_in_the_short_table(available)
    rows = (
        [(day, DAY_WORDS[day]) for day in DAY_WORDS]
        if is_per_day
        else [(name, say) for name, (_, say) in GROUPS.items()]
    )
    chosen = set(request.POST.getlist("when")) if form else _chosen(available, is_per_day=is_per_day)
    table = [
        (say, [(f"{name}-{part}", words, f"{name}-{part}" in chosen) for part, words in PART_WORDS.items()])
        for name, say in rows
    ]
    seen = {"table": table, "is_unknown": "unknown" in chosen, "is_per_day": is_per_day, "step": 2}
    return _screen(request, "when", seen, form)


def _fits_in_the_short_table(available: list[str] | None) -> bool:
    """Whoever said other times for each day sees the days again."""
    short = _chosen(available, is_per_day=False)
    days = {
        f"{day}-{part}"
        for group in GROUPS
        for part in PART_WORDS
        if f"{group}-{part}" in short
        for day in GROUPS[group][0]
    }
    return days == set(available or [])


def _chosen(available: list[str] | None, *, is_per_day: bool) -> set[str]:
    """What is ticked when somebody comes back to the screen."""
    if available is None:
        return set()
    if not available:
        return {"unknown"}
    if is_per_day:
        return set(available)
    return {
        f"{group}-{part}" for group, (days, _say) in GROUPS.items() for part in PART_WORDS
        if {f"{day}-{part}" for day in days} <= set(available)
    }  # fmt: skip


@step
def where(request: HttpRequest) -> HttpResponse:
    place, draft = default_city(), _draft(request)
    told = {name: draft[name] for name in ("postcode", "reach") if name in draft}
    form = WhereForm(place, request.POST if request.method == "POST" else None, initial=told)
    if form.is_valid():
        _keep(request, **{name: form.cleaned_data[name] for name in ("postcode", "neighbourhood", "reach")})
        return redirect("start_fits")
    seen = {"form": form, "neighbourhoods": sorted(place.matching.neighbourhoods), "step": 3}
    return _screen(request, "where", seen, form)


@step
def fits(request: HttpRequest) -> HttpResponse:
    """What fits these answers, before anything is asked about the person."""
    if request.method == "POST":
        return redirect("start_languages")
    place, now = default_city(), timezone.now()
    record = _record(_draft(request), place)
    found = fitting(record, place, now=now, most=FITS_SHOWN)
    seen = {
        "fits": [_shown(one) for one in found],
        "wider": [] if found else _wider(record, place, now),
        "step": 4,
    }
    return _screen(request, "fits", seen)


def _wider(record: dict[str, Any], place: CityFile, now: datetime) -> list[str]:
    """At most two things to change that bring something, each with how much."""
    tried = (
        (_("Als je ook op andere momenten kan: {count}."), {"available": list(SLOTS)}),
        (_("Als je verder wil gaan: {count}."), {"max_km": FARTHEST_KM}),
    )
    counts = [(say, len(fitting({**record, **change}, place, now=now, most=COUNTED_MAX))) for say, change in tried]
    return [str(say).format(count=count) for say, count in counts if count]


def _shown(one: Fitting) -> dict[str, Any]:
    catalogue, language = load_catalogue(), spoken_language()
    return {
        "opportunity": one.opportunity,
        "distance": km_and_minutes(one.distance_km),
        "why": [words.say(line, catalogue, words.VOLUNTEER, language) for line in one.reasons],
    }


@step
def languages(request: HttpRequest) -> HttpResponse:
    form = LanguagesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _keep(request, **form.record)
        return redirect("start_name")
    seen = {"form": form, **_said_before(_draft(request)), "step": 5}
    return _screen(request, "languages", seen, form)


def _said_before(draft: dict[str, Any]) -> dict[str, Any]:
    """What is ticked: the answers of before, or the language of this page."""
    own = str(get_language())
    levels = draft.get("languages") or ({own: SPEAKS} if own != LOCAL_LANGUAGE else {})
    helps = {f"wish:{one}" for one in draft.get("wishes", [])} | {f"limit:{one}" for one in draft.get("boundaries", [])}
    return {"speaks": list(levels), "dutch": levels.get(LOCAL_LANGUAGE, ""), "helps": helps}


@step
def name(request: HttpRequest) -> HttpResponse:
    """The contact comes last, and a code goes there. Somebody who is known gets the same screens."""
    user: Any = request.user
    if _draft(request).get(TOGETHER):
        return _name_together(request)
    if user.is_authenticated and {"first_name", "age"} <= set(_draft(request)):
        return redirect("start_done")
    own = {"contact": user.email or user.phone} if user.is_authenticated else {}
    form = NameForm(request.POST if request.method == "POST" else None, initial=own)
    if form.is_valid():
        said = form.cleaned_data
        _keep(request, **{one: said[one] for one in ("first_name", "age", "proposals")})
        email, phone = (said["contact"], None) if "@" in said["contact"] else (None, said["contact"])
        asked = (limits.CONTACT, said["contact"]), (limits.ACCOUNTS, limits.address_of(request))
        if user.is_authenticated:
            _keep(request, channel="email" if user.email else "sms")
            return redirect("start_done")
        if any(limits.count(limit, who).left < 0 for limit, who in asked):
            form.add_error("contact", gettext("Te vaak geprobeerd. Wacht 1 uur of bel ons."))
        else:
            start_account(phone=phone, email=email, language=str(get_language()))
            _keep(request, channel="sms" if phone else "email")
            return ask_code_of(request, said["contact"], next_="start_done")
    return _screen(request, "name", {"form": form, "step": 6}, form)


def _name_together(request: HttpRequest) -> HttpResponse:
    """At the desk: no contact is needed, and the yes is said aloud. Who said no leaves nothing behind."""
    place, now = default_city(), timezone.now()
    if place.slug not in people_behind(request):
        raise Http404
    if "wipe" in request.POST:
        forget(request)
        with translation.override(work_language(request)):
            messages.success(request, gettext("Alles is gewist."))
        return redirect("desk")
    form = TogetherForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _screen(request, "name_together", {"form": form, "step": 6}, form)
    said = form.cleaned_data
    body = {**as_new(_draft(request)), **WITHOUT_CONTACT, "first_name": said["first_name"], "age": said["age"]}
    record, errors = checked(body, place.matching)
    if errors:  # the catalogue or the city changed since
        return redirect("start_likes")
    today, language = place.local(now).date(), str(get_language())
    with transaction.atomic():
        made = actions.save_at_desk(place.slug, record, language=language, actor=POINT, today=today)
        actions.give_consent(made, PROPOSALS, until=now + MANDATE, now=now, how="desk")
    forget(request)
    now_here(request, made)
    return redirect("desk_person", made.pk)


def ask_code_of(request: HttpRequest, contact: str, *, next_: str) -> HttpResponse:
    """As on the page to come in, with the way back to where somebody was."""
    asked = request.POST.copy()
    asked.clear()
    asked["contact"], asked["next"] = contact, reverse(next_)
    request.POST = asked  # type: ignore[assignment]
    return ask_for_code(request)


@step
def done(request: HttpRequest) -> HttpResponse:
    """The code was right: the card is stored. Who had one already is asked first."""
    user: Any = request.user
    if not user.is_authenticated:
        return redirect("start_name")
    request.session.set_expiry(None)  # whoever came in stays in, as everybody does
    draft, place, now = _draft(request), default_city(), timezone.now()
    known = volunteer_of(user)
    if known and not draft.get("is_change"):
        if request.method != "POST":
            return _screen(request, "known", {})
        if "keep" not in request.POST:
            return _onwards(request, known)
    if not {"first_name", "age"} <= set(draft):
        return redirect("start_name")
    body = {**own_record_of(known), **merged(known, draft)} if known else as_new(draft)
    record, errors = checked(body, place.matching)
    if errors:  # the catalogue or the city changed since
        return redirect("start_likes")
    version = known.profile.version if known else 0
    try:
        volunteer = actions.save_own_profile(user, place.slug, record, today=place.local(now).date(), version=version)
    except ChangedMeanwhile:  # in another window, this very moment
        return redirect("start_done")
    if draft.get("proposals"):
        actions.give_consent(volunteer, PROPOSALS, until=None, now=now)
    messages.success(request, gettext("Je kaart is bewaard."))
    return _onwards(request, volunteer)


def _onwards(request: HttpRequest, volunteer: Volunteer) -> HttpResponse:
    """The answers are done with: to what was wanted before there was a card, else to the card."""
    draft = request.session.pop(DRAFT)
    return _ask_for(request, volunteer, UUID(draft["wanted"])) if "wanted" in draft else redirect("card")


# What nobody is asked here: no limit, and changeable later.
NEW: dict[str, Any] = {
    "talents_point_only": [], "themes": [], "themes_excluded": [], "max_hours_per_week": 40.0,
    "max_commitment": "fixed", "driving_licence_b": False, "own_car": False, "declared_statuses": [],
    "boundaries": [], "wishes": [],
}  # fmt: skip
WITHOUT_CONTACT = {"channel": "phone", "digital": "none"}
DIGITAL_BY_CHANNEL = {"email": "ok", "sms": "little"}


def answers_of(draft: dict[str, Any]) -> dict[str, Any]:
    """The answers in the words of a profile; a screen that was not reached yet says nothing."""
    transport, max_km = REACH[draft["reach"]]
    told = {
        "talents": {code: draft.get("levels", {}).get(code, LEVEL_OF_A_DRAWING) for code in draft["likes"]},
        "transport": transport,
        "max_km": max_km,
        **{key: draft[key] for key in SAME if key in draft},
    }
    if "channel" in draft:
        told["digital"] = DIGITAL_BY_CHANNEL[draft["channel"]]
    return told


def as_new(draft: dict[str, Any]) -> dict[str, Any]:
    """The answers of somebody without a card, with what nobody is asked."""
    told = answers_of(draft)
    return {**NEW, **told, "languages": {LOCAL_LANGUAGE: A_LITTLE, **told.get("languages", {})}}


SAME = ("available", "neighbourhood", "postcode", "languages", "wishes", "boundaries", "first_name", "age", "channel")


def merged(known: Volunteer, draft: dict[str, Any]) -> dict[str, Any]:
    """Answers of somebody who has a card: the screens show only some talents and limits, so the others stay."""
    before, told = own_record_of(known), answers_of(draft)
    shown = set(pictures()) | set(draft.get("shown", ()))
    gone = shown - set(told["talents"]) - set(draft.get("not_shown", ()))
    kept = {code: level for code, level in before["talents"].items() if code not in gone}
    said = {code: level for code, level in draft.get("levels", {}).items() if code in told["talents"]}
    told["talents"] = {**told["talents"], **kept, **said}
    for name in ("wishes", "boundaries"):
        if name in told:
            unseen = [one for one in before[name] if one not in HELPS]
            told[name] = unseen + [one for one in told[name] if one in HELPS]
    if "languages" in told:
        others = {code: level for code, level in before["languages"].items() if code not in SPOKEN_HERE}
        known_levels = {
            **told["languages"],
            **before["languages"],
            LOCAL_LANGUAGE: told["languages"].get(LOCAL_LANGUAGE),
        }
        levels = {code: known_levels[code] for code in told["languages"]}  # a tick says that, not how well
        told["languages"] = {**others, **levels}
    if draft["reach"] == draft.get("reach_before"):
        del told["transport"], told["max_km"]  # the screen knows three ways, a profile more
    told.pop("channel", None)  # how somebody is reached is theirs to change at the messages
    told.pop("digital", None)
    return told


@login_required
@spoken
@never_cache
@page
def card(request: HttpRequest) -> HttpResponse:
    """The own card, what fits now, and the way to change it."""
    volunteer = volunteer_of(request.user)
    if volunteer is None:
        return redirect("start")
    now, place = timezone.now(), city(volunteer.city)
    record = own_record_of(volunteer)
    agreed = volunteer.consents.filter(purpose=PROPOSALS, withdrawn_at=None).exists()
    if request.method == "POST" and "change" in request.POST:
        request.session[DRAFT] = {**draft_of(record), "proposals": False, "is_change": True, "at": now.isoformat()}
        return redirect("start_likes")
    if request.method == "POST":
        actions.give_consent(volunteer, PROPOSALS, until=None, now=now)
        return redirect("card")
    clean, _errors = checked(record, place.matching)
    settled = settled_for(volunteer)
    found = fitting(clean, place, now=now, most=FITS_ON_CARD, settled=settled) if record["available"] else []
    seen = {
        "volunteer": volunteer,
        **card_words(record),
        "agreed": agreed,
        "in_guide": volunteer.consents.filter(purpose=TALENT_GUIDE, withdrawn_at=None).exists(),
        "has_profession": PROFESSION in record["talents"],
        "fits": [_shown(one) for one in found],
    }
    return render(request, "me/card.html", seen)


@login_required
@spoken
@require_POST
def in_talent_guide(request: HttpRequest) -> HttpResponse:
    """To stand in it, or not any more: both at once (R002)."""
    volunteer, now = volunteer_of(request.user), timezone.now()
    if volunteer is None:
        raise Http404
    if "stop" in request.POST:
        for consent in volunteer.consents.filter(purpose=TALENT_GUIDE, withdrawn_at=None):
            actions.withdraw_consent(consent, now=now)
        messages.success(request, gettext("Je staat niet meer in de talentgids."))
    else:
        actions.give_consent(volunteer, TALENT_GUIDE, until=None, now=now, how="web")
        messages.success(request, gettext("Je staat in de talentgids."))
    return redirect("card")


@login_required
@spoken
@require_POST
def profession(request: HttpRequest) -> HttpResponse:
    """Which profession somebody had elsewhere: as much a talent as any other, and no proof is asked (R096)."""
    volunteer = volunteer_of(request.user)
    if volunteer is None:
        raise Http404
    try:
        actions.say_profession(volunteer, request.POST.get("profession", "").strip())
        messages.success(request, gettext("Bewaard."))
    except ValueError:
        messages.error(request, gettext("Schrijf hoogstens 80 tekens."))
    return redirect("card")


def card_words(record: dict[str, Any]) -> dict[str, Any]:
    """What stands on a card, in the language of the page."""
    names = load_catalogue().own_names
    return {
        "talents": [
            _talent(code, level)
            for code, level in record["talents"].items()
            if code not in record["talents_point_only"]
        ],
        "times": _times(record["available"]),
        "speaks": [names[code] for code in record["languages"] if code != LOCAL_LANGUAGE],
        "dutch": DUTCH_WORDS.get(record["languages"][LOCAL_LANGUAGE], ""),
    }


def draft_of(record: dict[str, Any]) -> dict[str, Any]:
    """The answers that lead to a profile, as far as the screens ask for them."""
    reach = next((name for name, (way, _km) in REACH.items() if way == record["transport"]), "bike")
    known, drawn = load_catalogue().talents, pictures()
    likes = [
        code for code in sorted(record["talents"], key=lambda one: one not in drawn)
        if code not in record["talents_point_only"] and code in known and not known[code].is_sensitive
    ]  # fmt: skip
    return {
        "likes": likes[:LIKES_MAX],
        "shown": likes[:LIKES_MAX],
        "not_shown": likes[LIKES_MAX:],
        "levels": {code: record["talents"][code] for code in likes},
        "reach": reach,
        "reach_before": reach,
        **{key: record[key] for key in SAME if key != "channel"},
    }


def _talent(code: str, level: int = LEVEL_OF_A_DRAWING) -> dict[str, Any]:
    """Its code, word and drawing, and the level when that is not what a drawing says."""
    catalogue, picture = load_catalogue(), pictures().get(code)
    label = catalogue.label_in(str(get_language()), "talents", code, catalogue.talents[code].label)
    return {
        "code": code,
        "label": picture.label if picture else label,
        "file": picture.file if picture else "",
        "level": LEVEL_WORDS[str(level)] if level != LEVEL_OF_A_DRAWING else "",
    }


def _times(available: list[str]) -> list[str]:
    """ "Maandag: voormiddag · namiddag" for each day with a time."""
    parts = {day: [say for part, say in PART_WORDS.items() if f"{day}-{part}" in available] for day in DAY_WORDS}
    return [f"{DAY_WORDS[day]}: {' · '.join(str(one).lower() for one in says)}" for day, says in parts.items() if says]


@spoken
@require_POST
def want(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """ "Ik wil dit": a proposal of one's own, open at once. Who has no card yet makes one first; the wish waits."""
    user: Any = request.user
    if one_online(opportunity_id, timezone.now()) is None:
        raise Http404
    volunteer = volunteer_of(user) if user.is_authenticated else None
    if volunteer is None:
        _keep(request, wanted=str(opportunity_id))
        return redirect("start")
    return _ask_for(request, volunteer, opportunity_id)


def _ask_for(request: HttpRequest, volunteer: Volunteer, opportunity_id: UUID) -> HttpResponse:
    """To the proposal; or to the card, with what stands in the way."""
    now = timezone.now()
    opportunity = one_online(opportunity_id, now)
    try:
        if opportunity is None:
            raise placements.NoRoom  # it went offline while the card was made
        proposal = placements.ask_for(volunteer, opportunity, now=now)
    except placements.DoesNotFit as error:
        messages.error(request, " ".join([gettext("Dit past nu niet bij jouw kaart."), *why_not(error.factors)]))
    except placements.NoRoom:
        messages.error(request, gettext("Dit kan nu niet. Bel ons, dan zoeken we samen."))
    else:
        until = proposal.answer_until + WORKS_AFTER_DEADLINE
        return redirect(path_of(make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=until)))
    return redirect("card")


def _wanted(request: HttpRequest) -> str:
    """The title of what somebody wanted before they had a card, as long as it is online."""
    wanted = _draft(request).get("wanted")
    opportunity = one_online(UUID(wanted), timezone.now()) if wanted else None
    return opportunity.title if opportunity else ""


def _record(draft: dict[str, Any], place: CityFile) -> dict[str, Any]:
    """The answers so far as a clean record: of whoever says no times yet, what fits at any time."""
    told = {"first_name": "-", "age": 21, "channel": "phone", "digital": "none", **as_new(draft)}
    record, _errors = checked({**told, "available": told["available"] or list(SLOTS)}, place.matching)
    return record


def _screen(request: HttpRequest, name: str, seen: dict[str, Any], form: Any = None) -> HttpResponse:
    """422 when something is wrong, with the sentence at its field."""
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    errors = [(field, sentences[0]) for field, sentences in form.errors.items()] if is_wrong else []
    told = {
        "is_together": TOGETHER in _draft(request),
        "work_language": work_language(request),
        "errors": errors,
        "steps": range(1, STEP_COUNT + 1),
        "wanted": _wanted(request),
        **seen,
    }
    return render(request, f"me/start_{name}.html", told, status=422 if is_wrong else 200)
