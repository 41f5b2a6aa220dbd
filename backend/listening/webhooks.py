"""Where the gateway for text messages brings what people write back."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backend.accounts.phones import as_e164
from backend.city.load import default_city
from backend.common import limits
from backend.listening import signals
from backend.placements import replies

LONGEST = 1600


@csrf_exempt  # the gateway has no cookie of ours; the secret in the address says that it is the gateway
@require_POST
def sms(request: HttpRequest, secret: str) -> HttpResponse:
    """204 whatever was written: the answer goes to the phone. 404 without the secret, 400 for what is no message."""
    if not settings.SMS_IN_SECRET or not constant_time_compare(secret, settings.SMS_IN_SECRET):
        raise Http404
    told = _told(request)
    sender, text, number = (told.get(name, "") for name in settings.SMS_IN_FIELDS)
    try:
        phone = as_e164(sender)
    except ValueError:
        return HttpResponse("no sender", status=400, content_type="text/plain")
    if not text or len(text) > LONGEST:
        return HttpResponse("no text", status=400, content_type="text/plain")
    if limits.count(limits.SMS_IN, phone).left < 0:
        return HttpResponse(status=429)
    now = timezone.now()
    named = number or f"{now.date()} {text}"
    if signals.leave_by_sms(default_city(), phone, text, number=named) is None:
        replies.take_reply(phone, text, number=named, now=now)
    return HttpResponse(status=204)


def _told(request: HttpRequest) -> dict[str, str]:
    """A form or JSON, as the gateway likes; other values than texts are left out."""
    if request.content_type != "application/json":
        return {key: str(value) for key, value in request.POST.items()}
    try:
        found: Any = json.loads(request.body)
    except ValueError:
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
