"""`manage sign_in_link EMAIL_OR_PHONE`: a link that works once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from backend.accounts.models import User
from backend.accounts.pages import sign_in_path


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("contact", metavar="EMAIL_OR_PHONE")

    def handle(self, **options: Any) -> None:
        contact = options["contact"]
        user = User.objects.filter(Q(email=contact.lower()) | Q(phone=contact)).first()
        if user is None:
            raise CommandError("Nobody has this e-mail address or phone number (write phones as +32...).")
        self.stdout.write(settings.PUBLIC_URL + sign_in_path(user))
