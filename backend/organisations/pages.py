"""The card of an organisation as it keeps it, and who acts for it: its owners let colleagues in and out."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.forms import ColleagueField
from backend.city.load import city
from backend.common import limits, versions
from backend.organisations import actions, photo
from backend.organisations.access import member_of, members_of, organisation_for, owned_by
from backend.organisations.models import EDITOR, OWNER, READER, OrganisationPhoto
from backend.ui.spoken import spoken_at_work
from matching.catalogue import load_catalogue

WHEELCHAIR_WORDS = {
    "yes": _("Ja"), "partly": _("Niet overal"), "no": _("Nee"), "not_applicable": _("Er is geen plek om te komen"),
}  # fmt: skip
# Who may ask for the free Flemish insurance for volunteers (law.md 2; vrijwilligersverzekering.vlaanderen.be).
INSURED_FREE = ("de_facto_association", "vzw")
ROLE_WORDS = {
    OWNER: _("Beheert: doet alles en laat collega's binnen"),
    EDITOR: _("Werkt mee: plaatst taken en antwoordt kandidaten"),
    READER: _("Kijkt mee: ziet alles en verandert niets"),
}
LAST_OWNER = _("Dit is de laatste die beheert. Laat eerst iemand anders beheren.")


class MemberForm(forms.Form):
    """A contact and a role."""

    contact = ColleagueField()
    role = forms.ChoiceField(choices=list(ROLE_WORDS.items()), error_messages={"required": _("Kies wat iemand doet.")})


class CardForm(forms.Form):
    """What an organisation keeps right itself; name, place and hours are looked after by the volunteer point."""

    description = forms.CharField(max_length=300, error_messages={"required": _("Schrijf in één zin wat jullie doen.")})
    contact_label = forms.CharField(max_length=120, error_messages={"required": _("Zeg naar wie iemand vraagt.")})
    street = forms.CharField(required=False, max_length=120)
    stop = forms.CharField(required=False, max_length=120)
    wheelchair = forms.ChoiceField(choices=list(WHEELCHAIR_WORDS.items()))
    is_warm_place = forms.BooleanField(required=False)
    welcome_languages = forms.MultipleChoiceField(required=False)
    monthly_welcome_capacity = forms.IntegerField(required=False, min_value=0, max_value=1000)
    one_message_a_day = forms.BooleanField(required=False)
    uses_free_insurance = forms.BooleanField(required=False)
    flemish_welfare_decree = forms.BooleanField(required=False)
    version = forms.IntegerField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(code, label) for code, label in load_catalogue().own_names.items()]
        self.fields["welcome_languages"].choices = names  # type: ignore[attr-defined]


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Look whether it is still right, and change what is not; either way it was looked at today (R073)."""
    found = organisation_for(request.user, organisation_id)
    today = city(found.city).local(timezone.now()).date()
    if request.method == "POST" and "right" in request.POST:
        actions.confirm_card(found, today=today)
        messages.success(request, gettext("Dank je. De kaart is nagekeken."))
        return redirect("organisation_own_card", found.pk)
    initial = {name: getattr(found, name) for name in CardForm.base_fields}
    form = CardForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        changes = dict(form.cleaned_data)
        try:
            actions.change_organisation(found, changes, version=changes.pop("version"))
        except versions.ChangedMeanwhile:
            form.add_error(None, gettext("Iemand anders veranderde dit net. Kijk het opnieuw na."))
        else:
            actions.confirm_card(found, today=today)
            messages.success(request, gettext("Bewaard. De kaart is nagekeken."))
            return redirect("organisation_own_card", found.pk)
    has_photo = OrganisationPhoto.objects.filter(organisation=found).exists()
    seen = {
        "organisation": found,
        "form": form,
        "has_photo": has_photo,
        "may_be_insured_free": found.legal_form in INSURED_FREE,
    }
    return render(request, "organisations/card.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_POST
def photo_of_front(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """A photo of the front, or none any more. Only its pixels are kept."""
    found = organisation_for(request.user, organisation_id)
    file = request.FILES.get("photo")
    if "away" in request.POST:
        photo.take_away(found)
        messages.success(request, gettext("De foto is weg."))
    else:
        try:
            if file is None:
                raise photo.NotAPhoto
            photo.keep(found, file, size=file.size or 0)
            messages.success(request, gettext("Bewaard. De foto staat op jullie kaart."))
        except photo.NotAPhoto:
            messages.error(request, gettext("Kies een foto (jpg, png of webp) van hoogstens 8 MB."))
    return redirect("organisation_own_card", found.pk)


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """For owners; who is new hears it, and comes in with a code."""
    organisation = owned_by(request.user, organisation_id)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        contact, role = form.cleaned_data["contact"], form.cleaned_data["role"]
        if limits.count(limits.CONTACT, contact.lower()).left < 0:
            form.add_error("contact", gettext("Te vaak geprobeerd. Wacht 1 uur."))
        else:
            try:
                actions.add_member(organisation, contact, role)
            except actions.LastOwner:
                form.add_error("role", LAST_OWNER)
            else:
                messages.success(
                    request, gettext("Gelukt. Deze persoon krijgt een bericht en komt binnen met een code.")
                )
                return redirect("organisation_team", organisation.pk)
    members = [
        {"one": one, "words": ROLE_WORDS[one.role].partition(":")[0], "is_me": one.user_id == request.user.pk}
        for one in members_of(organisation)
    ]
    seen = {"organisation": organisation, "members": members, "form": form, "roles": ROLE_WORDS.items()}
    return render(request, "organisations/team.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_POST
def leave_team(request: HttpRequest, organisation_id: UUID, member_id: UUID) -> HttpResponse:
    """Take somebody out; one who manages stays."""
    organisation = owned_by(request.user, organisation_id)
    member = member_of(organisation, member_id)
    try:
        actions.remove_member(member)
    except actions.LastOwner:
        messages.error(request, LAST_OWNER)
    else:
        if member.user_id == request.user.pk:
            return redirect("home")
        messages.success(request, gettext("Weggenomen."))
    return redirect("organisation_team", organisation.pk)
