"""Phone numbers as people write them, kept as E.164."""

import phonenumbers
from allauth.account.fields import PhoneField as E164Field
from django import forms
from django.utils.translation import gettext_lazy as _

HOME_REGION = "BE"
NOT_A_NUMBER = _("Dit is geen gsm-nummer. Schrijf bijvoorbeeld 0470 12 34 56.")
# ٠-٩ and ۰-۹ are digits too.
TO_ASCII_DIGITS = {start + digit: str(digit) for start in (0x0660, 0x06F0) for digit in range(10)}


def as_e164(text: str) -> str:
    """ "0470/12.34.56", "+32 470 12 34 56" and ٠٤٧٠١٢٣٤٥٦ as +32470123456. Raises ValueError."""
    try:
        number = phonenumbers.parse(text.translate(TO_ASCII_DIGITS), HOME_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError(NOT_A_NUMBER) from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(NOT_A_NUMBER)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class PhoneField(E164Field):
    """Takes every way of writing; allauth's own field checks for E.164 before anybody can help."""

    def to_python(self, value: str | None) -> str:
        text = str(super().to_python(value))
        if not text:
            return text
        try:
            return as_e164(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid_phone") from None
