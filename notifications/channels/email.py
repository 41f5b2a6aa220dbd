"""E-mail over SMTP."""

import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from notifications import states
from notifications.channels.base import LostLease, TransportError
from notifications.models import Delivery
from notifications.render import render

DOMAIN = "helpende-handen.invalid"
GO_ON = 354  # RFC 5321: the server took sender and receiver, and waits for the words


class _AsksBeforeTheWords(smtplib.SMTP):
    """Everything until 354 may be said again; the words themselves may not. In between somebody is asked."""

    before_words: Callable[[], bool] | None = None

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        if code == GO_ON and self.before_words and not self.before_words():
            self.close()  # without the words nothing was sent
            raise LostLease
        return code, text


class _AsksBeforeTheWordsOverTls(_AsksBeforeTheWords, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """Django's, over a connection that asks before the words leave."""

    @property
    def connection_class(self) -> Any:
        return _AsksBeforeTheWordsOverTls if self.use_ssl else _AsksBeforeTheWords


def deliver(delivery: Delivery, hand_over: Callable[[], bool]) -> str:
    """One text mail. Its Message-ID follows from the delivery, so that a mail server can show what it has seen.

    A connection that breaks before the server waits for the words is tried again. When it breaks afterwards nobody can
    know whether the mail was taken: the state is `unknown`.
    """
    text = render(delivery)
    headers = {"Message-ID": f"<{delivery.pk}@{DOMAIN}>"}
    message = EmailMessage(text.subject, text.body, to=[delivery.address], headers=headers)
    connection = get_connection()
    try:
        connection.open()
        smtp = getattr(connection, "connection", None)
        if isinstance(smtp, _AsksBeforeTheWords):
            smtp.before_words = hand_over
        elif not hand_over():  # a backend that is not SMTP tells nothing in between
            raise LostLease
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise TransportError(f"smtp {codes[0]}", permanent=all(code >= 500 for code in codes)) from None
    except smtplib.SMTPResponseException as error:
        raise TransportError(f"smtp {error.smtp_code}", permanent=error.smtp_code >= 500) from None
    except (smtplib.SMTPException, OSError) as error:
        if delivery.state == states.HANDING:
            return states.UNKNOWN
        raise TransportError(type(error).__name__, permanent=False) from None
    finally:
        connection.close()
    return states.SENT
