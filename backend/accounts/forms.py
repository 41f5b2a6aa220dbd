"""What allauth's own forms and inputs lack: one contact is needed, and every kind of digit is a digit."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.headless.account.inputs import ConfirmLoginCodeInput, RequestLoginCodeInput
from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.phones import TO_ASCII_DIGITS, as_e164

NO_TEXTS = _("Dit kan hier niet met een gsm-nummer. Vul je e-mail in, of bel het vrijwilligerspunt.")


class ColleagueField(forms.CharField):
    """An e-mail address or a phone number of somebody who is let in, as both are kept; a code can be sent to it."""

    def __init__(self, **kwargs: Any) -> None:
        told = {"required": gettext("Vul een e-mailadres of een gsm-nummer in.")}
        super().__init__(max_length=254, error_messages=told, **kwargs)

    def clean(self, value: Any) -> str:
        contact = str(super().clean(value)).strip()
        if not contact:  # and it may be empty, or the line above would have said so
            return ""
        if "@" in contact:
            return str(forms.EmailField(error_messages={"invalid": gettext("Dit is geen e-mailadres.")}).clean(contact))
        try:
            phone = as_e164(contact)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if not settings.SMS_URL and not settings.SANDBOX:
            raise forms.ValidationError(NO_TEXTS)
        return phone


class NeedsContact:
    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()  # type: ignore[misc]
        if self.errors:  # type: ignore[attr-defined]
            return data
        if not (data.get("email") or data.get("phone")):
            raise forms.ValidationError(_("Vul je gsm-nummer of je e-mail in."), code="contact_needed")
        if data.get("phone") and not settings.SMS_URL and not settings.SANDBOX:
            raise forms.ValidationError(NO_TEXTS, code="phone_not_possible")
        return data


class AnyDigits:
    def clean_code(self) -> str:
        self.cleaned_data["code"] = self.cleaned_data["code"].translate(TO_ASCII_DIGITS)  # type: ignore[attr-defined]
        return str(super().clean_code())  # type: ignore[misc]


class RequestCodeForm(NeedsContact, RequestLoginCodeForm):
    """One field for both on the page: whatever holds an @ is an address."""

    contact = forms.CharField(required=False, max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        data = kwargs.get("data") or (args[0] if args else None)
        if data is not None and "contact" in data:
            contact = str(data["contact"]).strip()
            kwargs["data"] = {"contact": contact, "email" if "@" in contact else "phone": contact}
            args = args[1:]
        super().__init__(*args, **kwargs)


class ConfirmCodeForm(AnyDigits, ConfirmLoginCodeForm):
    pass


class CodeRequestInput(NeedsContact, RequestLoginCodeInput):
    pass


class CodeConfirmInput(AnyDigits, ConfirmLoginCodeInput):
    pass
