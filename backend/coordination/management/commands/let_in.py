"""`manage let_in EMAIL_OR_PHONE ROLE`: the first person of a volunteer point, or of an organisation.

From then on they let others in themselves: at /coordinatie/team/, or over the API for an organisation.
"""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from backend.accounts.access import OPENS
from backend.accounts.actions import give_role
from backend.city.load import cities, default_city
from backend.coordination.queries import name_of_point
from backend.organisations.actions import LastOwner, add_member
from backend.organisations.models import MEMBER_ROLES, Organisation


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("contact", metavar="EMAIL_OR_PHONE")
        parser.add_argument("role", choices=(*OPENS, *MEMBER_ROLES))
        parser.add_argument("--city", choices=sorted(cities()), default=default_city().slug)
        parser.add_argument("--organisation", type=UUID, metavar="ID", help="needed for owner, editor and reader")

    def handle(self, **options: Any) -> None:
        contact, role, organisation_id = options["contact"], options["role"], options["organisation"]
        if (role in MEMBER_ROLES) != (organisation_id is not None):
            raise CommandError(f"--organisation goes with {', '.join(MEMBER_ROLES)}, and only with these.")
        try:
            if organisation_id is None:
                give_role(contact, role, city=options["city"], where=name_of_point(options["city"]))
            else:
                add_member(Organisation.objects.get(pk=organisation_id), contact, role)
        except ValueError as error:
            raise CommandError(str(error)) from None
        except Organisation.DoesNotExist:
            raise CommandError("There is no organisation with this id.") from None
        except LastOwner:
            raise CommandError("This is the last owner: make somebody else an owner first.") from None
        self.stdout.write(f"Done: whoever has this address or number is {role}, and hears it.")
