"""E-mail over SMTP."""

import smtplib
import threading
import time
from collections.abc import Callable
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string
from requests.exceptions import ConnectTimeout

from notifications import states
from notifications.channels.base import LostLease, TransportError
from notifications.models import Delivery
from notifications.render import render

DOMAIN = "helpende-handen.invalid"  # of Message-IDs; evidence.py finds them again
KEPT_SECONDS, KEPT_MAILS = 20, 100  # shorter than servers are patient, fewer than they take on one connection
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
    """Django's, over a connection that asks before the words leave, and that stays for the next mails."""

    mails, used_at = 0, 0.0

    @property
    def connection_class(self) -> Any:
        return _AsksBeforeTheWordsOverTls if self.use_ssl else _AsksBeforeTheWords


class _Kept(threading.local):
    """The connection of the last mail: with a real server saying hello costs more than a mail."""

    backend: Backend | None = None

    def take(self) -> BaseEmailBackend:
        """It, while it is fresh and still answers; else a new one. Raises what opening raises."""
        new = get_connection()
        kept, self.backend = self.backend, None
        if kept and isinstance(new, Backend) and (kept.host, kept.port) == (new.host, new.port):
            if kept.mails < KEPT_MAILS and time.monotonic() - kept.used_at < KEPT_SECONDS and _answers(kept):
                return kept
            kept.close()
        new.open()
        return new

    def give_back(self, backend: BaseEmailBackend) -> None:
        if isinstance(backend, Backend):
            backend.mails, backend.used_at = backend.mails + 1, time.monotonic()
            self.backend = backend
        else:
            backend.close()

    def hang_up(self) -> None:
        if self.backend:
            self.backend.close()
        self.backend = None


_kept = _Kept()
hang_up = _kept.hang_up


def _answers(backend: Backend) -> bool:
    try:
        return backend.connection is not None and backend.connection.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _headers(delivery: Delivery) -> dict[str, str]:
    """What a mail program shows as its own button "unsubscribe" (RFC 8058): one tap, without coming in."""
    headers = {"Message-ID": f"<{delivery.pk}@{DOMAIN}>"}
    address = import_string(settings.NOTIFICATION_UNSUBSCRIBE)(delivery)
    if address:
        headers |= {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _said_by_provider(status: int | None) -> TransportError:
    """Its answer decides: busy or broken may pass, a refused request will not."""
    if status is None:
        return TransportError("no connection", permanent=False)
    return TransportError(f"provider {status}", permanent=status < 500 and status not in (408, 429))


def deliver(delivery: Delivery, hand_over: Callable[[], bool]) -> str:
    """One mail, as text and as a small page. Its Message-ID follows from the delivery, so that a mail server can show
    what it has seen.

    A connection that breaks before the server waits for the words is tried again. When it breaks afterwards nobody can
    know whether the mail was taken: the state is `unknown`.
    """
    text = render(delivery)
    message = EmailMultiAlternatives(text.subject, text.body, to=[delivery.address], headers=_headers(delivery))
    message.attach_alternative(text.html, "text/html")
    # A provider gives it back with what it tells later.
    message.metadata = {"delivery": str(delivery.pk)}  # type: ignore[attr-defined]
    connection = None
    try:
        connection = _kept.take()
        smtp = getattr(connection, "connection", None)
        if isinstance(smtp, _AsksBeforeTheWords):
            smtp.before_words = hand_over
        elif not hand_over():  # a backend that is not SMTP tells nothing in between
            raise LostLease
        connection.send_messages([message])
        _kept.give_back(connection)
        connection = None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise TransportError(f"smtp {codes[0]}", permanent=all(code >= 500 for code in codes)) from None
    except smtplib.SMTPResponseException as error:
        raise TransportError(f"smtp {error.smtp_code}", permanent=error.smtp_code >= 500) from None
    except AnymailRecipientsRefused:
        raise TransportError("refused by the provider", permanent=True) from None
    except AnymailError as error:
        status = getattr(error, "status_code", None)
        if status is None and not isinstance(error.__cause__, ConnectTimeout):
            return states.UNKNOWN  # everything may have been sent
        raise _said_by_provider(status) from None
    except (smtplib.SMTPException, OSError) as error:
        if delivery.state == states.HANDING:
            return states.UNKNOWN
        raise TransportError(type(error).__name__, permanent=False) from None
    finally:
        if connection:
            connection.close()
    return states.SENT
