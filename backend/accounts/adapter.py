"""What is ours in allauth: no sign-up, phones in E.164, and every text through notifications."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.messages import CODE, UNKNOWN, tell_about_sign_in
from backend.accounts.models import User
from backend.accounts.phones import PhoneField

APP_SESSION = timedelta(days=180)
SANDBOX_CODE = "000000"
NOT_CONNECTED = _("Kom eerst binnen met een code. Koppel daarna bij 'Waar ben je binnen?'.")
TRY_A_CODE = _("We konden niet zien wie je bent. Met een code kom je wel binnen.")


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """A person starts with `POST /api/v1/accounts`, which never tells who is known: allauth's own sign-up does."""
        del request
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """An app stays signed in for half a year; a browser for the time of its cookie."""
        super().login(request, user)
        if comes_from_an_app(request):
            request.session.set_expiry(int(APP_SESSION.total_seconds()))

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what happened; only what went wrong is said by allauth."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    # --- phones ------------------------------------------------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """None until a code proved that it is theirs: somebody who came in by e-mail is not asked for it then."""
        return (user.phone, True) if user.phone and user.phone_verified else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # noqa: FBT001  allauth's own signature
        User.objects.filter(pk=user.pk).update(phone=phone, phone_verified=verified)
        user.phone, user.phone_verified = phone, verified

    def set_phone_verified(self, user: User, phone: str) -> None:
        User.objects.filter(pk=user.pk, phone=phone).update(phone_verified=True)
        user.phone_verified = True

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone, is_active=True).first()

    # --- texts -------------------------------------------------------------------------------------------------

    def generate_login_code(self) -> str:
        return SANDBOX_CODE if settings.SANDBOX else super().generate_login_code()

    def generate_phone_verification_code(self, *, user: Any, phone: str) -> str:
        return SANDBOX_CODE if settings.SANDBOX else super().generate_phone_verification_code(user=user, phone=phone)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A code, or that nobody is known by this address; allauth sends nothing else here."""
        if "code" in context:
            known = EmailAddress.objects.filter(email__iexact=email).select_related("user").first()
            user = context.get("user") or (known.user if known else None)
            self._tell(CODE, email, user=user, code=context["code"])
        elif template_prefix == "account/email/unknown_account":
            self._tell(UNKNOWN, email)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        self._tell(CODE, phone, user=user, code=code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        self._tell(UNKNOWN, phone)

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Somebody asks for a number that another account has: its owner hears nothing."""

    def _tell(self, kind: str, address: str, *, user: Any = None, code: str = "") -> None:
        language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
        tell_about_sign_in(kind, address=address, language=language, recipient=user.pk if user else None, code=code)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """A provider shows who somebody is; it does not make accounts, and its number of a person is never kept."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        del request, sociallogin
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Of what a provider tells only its own word for the person is kept: no name, address or national number."""
        found = super().get_provider(request, provider, client_id=client_id)
        found.extract_extra_data = _nothing
        return found

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        del request, socialaccount
        return reverse("usersessions_list")

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """In a browser, who is not connected yet hears what to do first; an app gets its own answer."""
        wants_to_connect = sociallogin.state.get("process") == AuthProcess.CONNECT
        if not (sociallogin.is_existing or wants_to_connect or comes_from_an_app(request)):
            raise ImmediateHttpResponse(
                _refused(request, gettext("Deze manier kennen we nog niet"), str(NOT_CONNECTED))
            )

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        del provider, kwargs
        if not comes_from_an_app(request):
            raise ImmediateHttpResponse(_refused(request, gettext("Dit lukte niet"), str(TRY_A_CODE)))


def comes_from_an_app(request: HttpRequest) -> bool:
    """allauth's middleware says so; its request is one that Django's types do not know."""
    return getattr(request.allauth, "headless", None) is not None  # type: ignore[attr-defined]


def _nothing(data: Any) -> dict[str, Any]:
    del data
    return {}


def _refused(request: HttpRequest, heading: str, sentence: str) -> HttpResponse:
    return render(request, "accounts/provider_refused.html", {"heading": heading, "sentence": sentence}, status=401)
