"""How a client shows who it is: an app by its session token, a browser by its session."""

from typing import Any

from allauth.headless.internal import sessionkit
from django.contrib.auth import get_user
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

HEADER = "X-Session-Token"


class SessionToken(BaseAuthentication):
    """`X-Session-Token`, as `/_allauth/app/v1/auth/code/confirm` gave it: opaque, one per device, revocable."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """None without the header. Raises AuthenticationFailed for a token that is dead or was never alive."""
        token = request.headers.get(HEADER)
        if not token:
            return None
        if "\x00" in token or not sessionkit.session_store().exists(token):
            raise AuthenticationFailed
        inner = request._request
        inner.session = sessionkit.session_store(token)
        user = get_user(inner)
        if not user.is_authenticated:
            raise AuthenticationFailed
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """Without it DRF answers 403 to somebody who is not signed in, instead of 401."""
        return HEADER


class Session(SessionAuthentication):
    """The session cookie of the pages; what writes also needs the form's own token."""
