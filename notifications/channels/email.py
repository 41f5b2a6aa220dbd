"""E-mail over SMTP."""

import smtplib
from collections.abc import Callable

from django.core.mail import EmailMessage, get_connection

from notifications import states
from notifications.channels.base import LostLease, TransportError
from notifications.models import Delivery
from notifications.render import render

DOMAIN = "helpende-handen.invalid"


def deliver(delivery: Delivery, hand_over: Callable[[], bool]) -> str:
    """One text mail. Its Message-ID follows from the delivery, so that a mail server can show what it has seen.

    When the connection breaks after the hand-over nobody can know whether the mail was taken: the state is `unknown`.
    """
    text = render(delivery)
    headers = {"Message-ID": f"<{delivery.pk}@{DOMAIN}>"}
    message = EmailMessage(text.subject, text.body, to=[delivery.address], headers=headers)
    connection = get_connection()
    try:
        connection.open()
        smtp = getattr(connection, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            smtp.ehlo_or_helo_if_needed()  # greet before the hand-over: a server that is not itself yet costs nothing
    except (smtplib.SMTPException, OSError) as error:
        raise TransportError(type(error).__name__, permanent=False) from None
    try:
        if not hand_over():
            raise LostLease
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise TransportError(f"smtp {codes[0]}", permanent=all(code >= 500 for code in codes)) from None
    except smtplib.SMTPResponseException as error:
        raise TransportError(f"smtp {error.smtp_code}", permanent=error.smtp_code >= 500) from None
    except (smtplib.SMTPException, OSError):
        return states.UNKNOWN
    finally:
        connection.close()
    return states.SENT
