"""What somebody who begins is asked, a screen at a time. Only a name, a way to reach them and an age are needed."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.phones import TO_ASCII_DIGITS, as_e164
from backend.city.load import CityFile
from matching.catalogue import load_catalogue
from matching.geo import great_circle_km
from matching.types import DAY_PARTS, DAYS, LOCAL_LANGUAGE, SLOTS

LIKES_MAX = 5
WEEK, WEEKEND = DAYS[:5], DAYS[5:]
# How far somebody wants to go, and how: (transport, km).
REACH = {"walk": ("walk", 2.0), "bike": ("bike", 6.0), "city": ("public_transport", 15.0)}
REACH_WORDS = {"walk": _("Te voet"), "bike": _("Met de fiets of de bus"), "city": _("Heel de stad")}
PART_WORDS = {"morning": _("Voormiddag"), "afternoon": _("Namiddag"), "evening": _("Avond")}
DAY_WORDS = {
    "mon": _("Maandag"), "tue": _("Dinsdag"), "wed": _("Woensdag"), "thu": _("Donderdag"), "fri": _("Vrijdag"),
    "sat": _("Zaterdag"), "sun": _("Zondag"),
}  # fmt: skip
GROUPS = {"week": (WEEK, _("In de week")), "weekend": (WEEKEND, _("In het weekend"))}
DUTCH_WORDS = {
    "A0": _("Nog geen Nederlands"),
    "A1": _("Een beetje. Mensen moeten traag spreken."),
    "A2": _("Gewone dingen: winkel, familie, dag en uur."),
    "B1": _("Een gewoon gesprek. Soms zoek ik een woord."),
    "B2": _("Vlot, over bijna alles."),
}
SPOKEN_HERE = (
    "fr", "en", "ar", "ary", "tr", "rif", "pl", "ro", "bg", "ru", "uk", "es", "pt", "prs", "fa", "ps", "so", "ti",
)  # fmt: skip
SPEAKS = "B2"  # who says "I speak this" is taken at their word
A_LITTLE = "A1"  # who says nothing about Dutch
# What helps somebody: wishes are what would be nice, limits are what cannot be otherwise.
HELP_WORDS = {
    "wish:begeleider": _("Iemand die mij begeleidt"),
    "wish:rustig": _("Een rustige plek"),
    "wish:buddy": _("Samen met iemand anders"),
    "wish:nederlands_oefenen": _("Nederlands oefenen"),
    "limit:geen_trappen": _("Geen trappen"),
    "limit:weinig_lezen": _("Weinig lezen"),
    "limit:kinderen_mee_nodig": _("Mijn kinderen komen mee"),
}
YOUNGER = "younger"
AGE_WORDS = {
    "21": _("21 of ouder"), "18": _("18 tot 20"), "16": _("16 of 17"), "15": _("15"), YOUNGER: _("Jonger"),
}  # fmt: skip


class LikesForm(forms.Form):
    """1 to 5 drawings, or talents without one that were found by own words."""

    likes = forms.MultipleChoiceField(error_messages={"required": _("Kies minstens 1 tekening.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(code, one.label) for code, one in load_catalogue().talents.items() if not one.is_sensitive]
        self.fields["likes"].choices = offered  # type: ignore[attr-defined]

    def clean_likes(self) -> list[str]:
        likes: list[str] = self.cleaned_data["likes"]
        if len(likes) > LIKES_MAX:
            raise ValidationError(_("Kies niet meer dan 5. Zet er eentje uit."))
        return likes


class WhenForm(forms.Form):
    """Parts of the week, or of each day; or not known yet."""

    when = forms.MultipleChoiceField(
        required=False,
        choices=[
            *((f"{group}-{part}", part) for group in GROUPS for part in DAY_PARTS),
            *((slot, slot) for slot in SLOTS),
            ("unknown", "unknown"),
        ],
    )

    def clean_when(self) -> list[str]:
        """The day parts themselves; none for who does not know yet."""
        said = set(self.cleaned_data["when"])
        if not said:
            raise ValidationError(_("Kies een moment. Of kies ‘Ik weet het nog niet’."))
        for group, (days, _words) in GROUPS.items():
            said |= {f"{day}-{part}" for part in DAY_PARTS if f"{group}-{part}" in said for day in days}
        return [slot for slot in SLOTS if slot in said]


class WhereForm(forms.Form):
    """A postcode or a neighbourhood, and how far."""

    postcode = forms.CharField(required=False, max_length=12)
    neighbourhood = forms.CharField(required=False, max_length=60)
    reach = forms.ChoiceField(choices=list(REACH_WORDS.items()), initial="bike")

    def __init__(self, place: CityFile, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place.matching

    def clean_postcode(self) -> str:
        return str(self.cleaned_data["postcode"]).translate(TO_ASCII_DIGITS).strip()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        postcode, neighbourhood = data.get("postcode", ""), str(data.get("neighbourhood", ""))
        if neighbourhood in self.place.neighbourhoods:
            data["postcode"] = self.place.postcode_of[neighbourhood]
        elif not postcode:
            self.add_error("postcode", _("Vul je postcode in, of kies je wijk."))
        elif not (postcode.isascii() and postcode.isdigit() and len(postcode) == 4):
            self.add_error("postcode", _("Een postcode heeft 4 cijfers. Bijvoorbeeld 2060."))
        elif postcode not in self.place.postcodes:
            self.add_error(
                "postcode", _("Je woont buiten de stad. Je kan toch meedoen. Kies de wijk waar je wil helpen.")
            )
        else:
            data["neighbourhood"] = self._nearest(postcode)
        return data

    def _nearest(self, postcode: str) -> str:
        """The neighbourhood in the middle of a postcode."""
        middle = self.place.postcodes[postcode]
        here = [one for one, code in self.place.postcode_of.items() if code == postcode] or self.place.neighbourhoods
        return min(here, key=lambda one: great_circle_km(middle, self.place.neighbourhoods[one]))


class LanguagesForm(forms.Form):
    """What somebody speaks, how much Dutch, and what helps. Nothing here is needed."""

    speaks = forms.MultipleChoiceField(required=False)
    more = forms.ChoiceField(required=False)
    dutch = forms.ChoiceField(required=False, choices=list(DUTCH_WORDS.items()))
    helps = forms.MultipleChoiceField(required=False, choices=list(HELP_WORDS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {code: name for code, name in load_catalogue().own_names.items() if code != LOCAL_LANGUAGE}
        self.fields["speaks"].choices = [(code, names[code]) for code in SPOKEN_HERE]  # type: ignore[attr-defined]
        others = [(code, name) for code, name in names.items() if code not in SPOKEN_HERE]
        self.fields["more"].choices = [("", "–"), *others]  # type: ignore[attr-defined]

    @property
    def record(self) -> dict[str, Any]:
        """Languages with levels, wishes and limits, as a profile keeps them."""
        data = self.cleaned_data
        speaks = [*data["speaks"], *([data["more"]] if data["more"] else [])]
        helps = [one.partition(":")[::2] for one in data["helps"]]
        return {
            "languages": {
                **({LOCAL_LANGUAGE: data["dutch"]} if data["dutch"] else {}),
                **dict.fromkeys(speaks, SPEAKS),
            },
            "wishes": [code for kind, code in helps if kind == "wish"],
            "boundaries": [code for kind, code in helps if kind == "limit"],
        }


class WhoForm(forms.Form):
    """A first name, and an age from which the law counts."""

    first_name = forms.CharField(max_length=40, error_messages={"required": _("Vul je voornaam in.")})
    age = forms.ChoiceField(choices=list(AGE_WORDS.items()), error_messages={"required": _("Kies hoe oud je bent.")})
    two_years = forms.BooleanField(required=False)

    def clean_age(self) -> int:
        age = self.cleaned_data["age"]
        if age == YOUNGER:
            raise ValidationError(gettext("Vanaf 15 jaar kan je helpen. Kom langs, we zoeken samen iets."))
        return int(age)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("age") == 15 and not data.get("two_years"):
            self.add_error("two_years", _("Ben je 15? Dan moet je eerst 2 jaar middelbare school gedaan hebben."))
        return data


class TogetherForm(WhoForm):
    """At the desk: the colleague read the sentences aloud, and the person said yes."""

    said_yes = forms.BooleanField(
        error_messages={"required": _("Lees de zinnen voor. Vink aan als de persoon ja zei.")}
    )


class ContactForm(forms.Form):
    """One way to reach somebody: a number or an address, to which a code can be sent."""

    contact = forms.CharField(max_length=254, error_messages={"required": _("Vul je gsm-nummer of je e-mail in.")})

    def clean_contact(self) -> str:
        contact = str(self.cleaned_data["contact"]).strip()
        if "@" in contact:
            try:
                validate_email(contact)
            except ValidationError:
                raise ValidationError(gettext("Dit e-mailadres klopt niet.")) from None
            return contact.lower()
        try:
            number = as_e164(contact)
        except ValueError:
            raise ValidationError(gettext("Dit nummer klopt niet. Een gsm-nummer begint met 04.")) from None
        if not settings.SMS_URL and not settings.SANDBOX:
            raise ValidationError(gettext("Een sms sturen kan hier niet. Vul je e-mail in, of bel ons."))
        return number


class NameForm(ContactForm, WhoForm):
    """Last of all: who, one way to reach them, and the yes."""

    proposals = forms.BooleanField(required=False)
    field_order = ("first_name", "contact", "age")
