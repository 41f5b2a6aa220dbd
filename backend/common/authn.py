"""How a client shows who it is: Django's session, for now. Sign-in for apps comes with the accounts issue."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        """Without it DRF answers 403 to somebody who is not signed in, instead of 401."""
        return "Session"
