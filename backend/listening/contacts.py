"""A contact that somebody leaves for one answer: a mobile number or an e-mail address, or nothing."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from backend.accounts.phones import as_e164


def reachable(contact: str) -> str:
    """As it is kept. Raises ValidationError for what is neither."""
    contact = contact.strip()
    try:
        if "@" in contact:
            validate_email(contact)
        elif contact:
            contact = as_e164(contact)
    except (ValidationError, ValueError):
        raise ValidationError(_("Dit is geen gsm-nummer of e-mailadres. Het mag ook leeg blijven.")) from None
    return contact
