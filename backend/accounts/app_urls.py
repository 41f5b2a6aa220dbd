"""allauth for apps: only the doors we keep open. Sign-up, passwords and resending are not among them."""

from typing import Any

from allauth.headless.account import views as account
from allauth.headless.base import views as base
from allauth.headless.constants import Client
from allauth.headless.mfa import views as mfa
from allauth.headless.socialaccount import views as social
from allauth.headless.spec.views import OpenAPIYAMLView
from allauth.headless.usersessions import views as sessions
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.forms import CodeConfirmInput, CodeRequestInput

APP = Client.APP


class CodeRequestView(account.RequestLoginCodeView):
    input_class = CodeRequestInput


class CodeConfirmView(account.ConfirmLoginCodeView):
    input_class = CodeConfirmInput


DOORS = {
    "config": (base.ConfigView, "GET"),
    "auth/session": (account.SessionView, "GET DELETE"),
    "auth/sessions": (sessions.SessionsView, "GET DELETE"),
    "auth/code/request": (CodeRequestView, "POST"),
    "auth/code/confirm": (CodeConfirmView, "POST"),
    "auth/phone/verify": (account.VerifyPhoneView, "POST"),
    "auth/2fa/authenticate": (mfa.AuthenticateView, "POST"),
    "auth/webauthn/login": (mfa.LoginWebAuthnView, "GET POST"),
    "auth/webauthn/authenticate": (mfa.AuthenticateWebAuthnView, "GET POST"),
    "auth/provider/token": (social.ProviderTokenView, "POST"),
    "account/phone": (account.ManagePhoneView, "GET POST"),
    "account/authenticators": (mfa.AuthenticatorsView, "GET"),
    "account/authenticators/totp": (mfa.ManageTOTPView, "GET POST DELETE"),
    "account/authenticators/recovery-codes": (mfa.ManageRecoveryCodesView, "GET POST"),
    "account/authenticators/webauthn": (mfa.ManageWebAuthnView, "GET POST PUT DELETE"),
}


def door(view: Any, methods: str) -> Any:
    """allauth asks who before it asks how, and stumbles over some methods that a view does not have."""
    kept = require_http_methods(methods.split())(view.as_api_view(client=APP))
    return csrf_exempt(kept)  # these doors read a token, never a cookie


# The first one is there for its name only: the document of the API asks where the others are.
urlpatterns = [path("openapi.yaml", require_safe(OpenAPIYAMLView.as_view()), name="openapi_yaml")]
urlpatterns += [
    path(f"app/v1/{name}", door(view, methods), name=name.replace("/", "_")) for name, (view, methods) in DOORS.items()
]
