"""A new key for web push."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand

from notifications.webpush import encoded


class Command(BaseCommand):
    help = "Print a new VAPID_PRIVATE_KEY. Another key makes every registered browser silent."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(encoded(secrets.token_bytes(32)))
