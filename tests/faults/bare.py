"""What most people write: a Celery task that makes the same mail and sends it. `python -m tests.faults.bare MANY`."""

import os
import sys
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
import django

django.setup()

from celery import Celery
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.models import Delivery
from notifications.render import render

app = Celery("bare", broker=f"{settings.REDIS_URL}/0")
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, worker_hijack_root_logger=False)


@app.task(name="bare.send")
def send(number):
    delivery = Delivery(kind="thanks_campaign", language="nl", channel="email", time_zone="Europe/Brussels")
    delivery.values = {"first_name": "Marc", "city": "Antwerpen", "phone": "03 000 00 00"}
    text = render(delivery)
    message = EmailMultiAlternatives(
        text.subject, text.body, to=[f"persoon{number}@voorbeeld.example"],
        headers={"Message-ID": f"<{uuid.uuid4()}@x>"},
    )  # fmt: skip
    message.attach_alternative(text.html, "text/html")
    message.send()


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        send.delay(number)
