"""What is told of support, signals and trainings: one Message per occasion, with values only."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from backend.accounts.models import User
from backend.accounts.phones import as_e164
from backend.city.load import CityFile, city
from backend.listening.access import organisations_behind
from backend.listening.models import Signal, SupportOffer, SupportRequest, TrainingPlace
from backend.listening.states import GONE
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.messages import routes_to
from backend.talent.models import Volunteer
from notifications.actions import route
from notifications.message import EMAIL, SMS, Message, Route


def about_offer(offer: SupportOffer) -> Message:
    """To the organisation that asked: somebody can help."""
    asked = offer.request.organisation
    return _to_organisation("support_offered", asked, offer.pk, {"other": name_of(offer), "text": _line(offer.text)})


def about_agreement(request: SupportRequest, offer: SupportOffer) -> Message | None:
    """To the organisation that offered: your help is welcome. None for the volunteer point, which sees it itself."""
    if offer.organisation is None:
        return None
    told = {"other": _line(request.organisation.name), "text": _line(request.text)}
    return _to_organisation("support_agreed", offer.organisation, offer.pk, told)


def about_draft(draft: Opportunity) -> Message:
    """To the organisation: the volunteer point wrote an opportunity for you to look at."""
    return _to_organisation("draft_made", draft.organisation, draft.pk, {"title": _line(draft.title)})


def about_decision(signal: Signal) -> Message | None:
    """To who left a contact: what happened with the signal. None for who did not."""
    routes = _routes(signal.contact)
    if not routes or signal.group is None:
        return None
    place = city(signal.city)
    return Message(
        kind="signal_answered",
        occasion=f"signal_answered:{signal.pk}",
        recipient=signal.pk,
        language=signal.language,
        routes=routes,
        values={
            "about": _line(signal.group.title), "answer": _line(signal.group.answer), "phone": place.phone,
            "contact": signal.contact,
        },
    )  # fmt: skip


def about_place(taken: TrainingPlace) -> Message:
    """To somebody who waited: there is a place now."""
    training, user = taken.training, taken.user
    place = city(training.city)
    told = {"title": _line(training.title), "where": _line(training.where), "phone": place.phone}
    told["starts_at"] = _moment(training.starts_at)
    occasion = f"training_place:{taken.pk}:{taken.asked_at.isoformat()}"
    if user is None:
        values = {**told, "first_name": taken.guest, "contact": taken.contact}
        return Message("training_place", occasion, taken.pk, place.language, _routes(taken.contact), values)
    volunteer = Volunteer.objects.select_related("user").filter(user=user).first()
    return Message(
        kind="training_place",
        occasion=occasion,
        recipient=volunteer.pk if volunteer else user.pk,
        language=volunteer.language if volunteer else user.language,
        routes=routes_to(volunteer) if volunteer else _routes_of(user),
        values={
            **told, "first_name": volunteer.first_name if volunteer else "", "contact": user.email or user.phone or "",
        },
    )  # fmt: skip


def about_cancelled_training(taken: TrainingPlace) -> Message:
    """To somebody who had a place or waited: it does not go on."""
    place = about_place(taken)
    kind = "training_cancelled"
    return replace(place, kind=kind, occasion=f"{kind}:{taken.pk}")


def about_visitor(taken: TrainingPlace, host: Organisation) -> Message:
    """To the host of a visit: which organisation comes, or does not come after all."""
    told = {
        "comes": "" if taken.state == GONE else "yes", "other": visitors([taken])[0],
        "starts_at": _moment(taken.training.starts_at), "door": f"{settings.PUBLIC_URL}/org/bezoek/",
    }  # fmt: skip
    return _to_organisation("visitor", host, f"{taken.pk}:{taken.asked_at.isoformat()}:{taken.state}", told)


def visitors(places: Collection[TrainingPlace]) -> list[str]:
    """For whom each of them comes: an organisation, or the volunteer point. Wants places with their training."""
    known = organisations_behind(places)
    points = {one.training.city: f"Vrijwilligerspunt {city(one.training.city).matching.name}" for one in places}
    return [_line(known.get(one.pk) or points[one.training.city]) for one in places]


def name_of(offer: SupportOffer) -> str:
    """The organisation that offers, or the volunteer point."""
    place = city(offer.request.organisation.city)
    return _line(offer.organisation.name) if offer.organisation else f"Vrijwilligerspunt {place.matching.name}"


def _to_organisation(kind: str, organisation: Organisation, occasion: object, more: dict[str, str]) -> Message:
    place: CityFile = city(organisation.city)
    return Message(
        kind=kind,
        occasion=f"{kind}:{occasion}",
        recipient=organisation.pk,
        language=place.language,
        routes=route(EMAIL, organisation.contact_email),
        values={
            "contact": _line(organisation.contact_label), "organisation": _line(organisation.name),
            "door": f"{settings.PUBLIC_URL}/org/steun/", "phone": place.phone, **more,
        },
    )  # fmt: skip


def _routes(contact: str) -> tuple[Route, ...]:
    if "@" in contact:
        return route(EMAIL, contact)
    return route(SMS, as_e164(contact)) if contact else ()


def _routes_of(user: User) -> tuple[Route, ...]:
    return route(EMAIL, user.email) or (route(SMS, user.phone) if user.phone_verified else ())


def _line(text: str) -> str:
    return " ".join(text.split())


def _moment(moment: datetime) -> str:
    return moment.isoformat()
