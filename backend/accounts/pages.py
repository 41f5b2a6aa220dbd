"""Come in with a code, or by a link that the volunteer point gives once; a second factor for staff; and go out."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.usersessions.views import ListUserSessionsView
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.tokens import default_token_generator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.access import FIGURES, doors_of, is_guide
from backend.accounts.models import User
from backend.ui.spoken import spoken, spoken_at_work

BROWSERS = {
    "HelpendeHanden": _("onze app"),
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


class AskForCode(RequestLoginCodeView):
    """A code, a passkey, or a provider that the installation knows."""

    template_name = "accounts/ask_for_code.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "providers": providers(self.request)}


class GiveCode(ConfirmLoginCodeView):
    template_name = "accounts/give_code.html"


class GiveSecondCode(AuthenticateView):
    template_name = "accounts/give_second_code.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        return {**super().get_context_data(**kwargs), "has_passkey": passkeys_of(user).exists()}


class ShowAgain(ReauthenticateView):
    """Keys are changed by somebody who showed one in the last minutes."""

    template_name = "accounts/show_again.html"


class ShowPasskeyAgain(ReauthenticateWebAuthnView):
    template_name = "accounts/show_passkey_again.html"


class ComeInWithPasskey(LoginWebAuthnView):
    """The browser asks for a challenge, the device answers it."""


@method_decorator(login_required, name="dispatch")
class AddPasskey(AddWebAuthnView):
    """A key on a phone or computer, opened by a finger, a face or a pin; keeping it counts as the first time."""

    template_name = "accounts/add_passkey.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="webauthn", reauthenticated=True)
        return response

    def get_success_url(self) -> str:
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return reverse("usersessions_list")


@method_decorator(login_required, name="dispatch")
class RemovePasskey(RemoveWebAuthnView):
    template_name = "accounts/remove_passkey.html"
    success_url = reverse_lazy("usersessions_list")


@method_decorator(login_required, name="dispatch")
class AddSecondFactor(ActivateTOTPView):
    """An app on the phone of a member of staff shows codes from now on; setting it up counts as the first time."""

    template_name = "accounts/add_second_factor.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp", reauthenticated=True)
        return response

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes")


@method_decorator(login_required, name="dispatch")
class RecoveryCodes(ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


class Devices(ListUserSessionsView):
    """Where somebody is signed in, with which keys; one button signs out everywhere else."""

    template_name = "accounts/devices.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        for session in found["sessions"]:
            session.words = words_of_device(session.user_agent)
        connected = SocialAccount.objects.filter(user=self.request.user)
        known = {one.provider: one.pk for one in connected}
        found["passkeys"] = passkeys_of(self.request.user)
        found["providers"] = [(one, known.get(one.app.provider_id)) for one in providers(self.request)]
        return found


def passkeys_of(user: Any) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("created_at")


def providers(request: HttpRequest) -> list[Any]:
    """The OpenID Connect providers of this installation."""
    return list(get_social_adapter(request).list_providers(request))


def words_of_device(user_agent: str) -> str:
    """A browser and what it runs on, as people call them; an app of ours names itself."""
    browser = next((word for sign, word in BROWSERS.items() if sign in user_agent), "")
    system = next((word for sign, word in SYSTEMS.items() if sign in user_agent), "")
    if browser and system:
        return gettext("{browser} op {system}").format(browser=browser, system=system)
    return str(browser or system or gettext("een toestel"))


page = require_http_methods(["GET", "HEAD", "POST"])
ask_for_code = spoken(page(AskForCode.as_view()))
give_code = spoken(page(GiveCode.as_view()))
give_second_code = spoken(page(GiveSecondCode.as_view()))
add_second_factor = spoken_at_work(page(AddSecondFactor.as_view()))
recovery_codes = spoken(require_safe(RecoveryCodes.as_view()))
devices = spoken(page(Devices.as_view()))
show_again = spoken(page(ShowAgain.as_view()))
show_passkey_again = spoken(page(ShowPasskeyAgain.as_view()))
come_in_with_passkey = spoken(page(ComeInWithPasskey.as_view()))
add_passkey = spoken(page(AddPasskey.as_view()))
remove_passkey = spoken(page(RemovePasskey.as_view()))
to_provider = require_POST(openid_connect.login)
from_provider = spoken(require_safe(openid_connect.callback))


def sign_in_path(user: User) -> str:
    """A link that works once, for PASSWORD_RESET_TIMEOUT seconds."""
    name = urlsafe_base64_encode(user.pk.bytes)
    return reverse("sign_in", args=[name, default_token_generator.make_token(user)])


@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """GET shows a button and changes nothing; POST comes in."""
    user = _user_of(name)
    if user is None or not user.is_active or not default_token_generator.check_token(user, token):
        return render(request, "accounts/old_link.html", status=404)
    if request.method != "POST":
        return render(request, "accounts/sign_in.html")
    record_authentication(request, user, "link")
    # Sets last_login, so the link is used up; who has a second factor is asked for it.
    return perform_login(request, Login(user=user, redirect_url=reverse("home")))


@login_required
@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """allauth refuses to take away the last connection of who has no password; here a code always opens."""
    account = request.POST.get("account", "")
    if account.isascii() and account.isdigit() and len(account) < 19:
        SocialAccount.objects.filter(user=request.user, pk=account).delete()
    return redirect("usersessions_list")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("front")


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where somebody goes after coming in."""
    user = request.user
    if not isinstance(user, User):
        return redirect("front")
    doors = frozenset[str]().union(*doors_of(user).values())
    if doors:
        return redirect("today" if FIGURES in doors else "team")
    if user.memberships.exists():
        return redirect("organisation")
    return redirect("guided_people" if is_guide(user) else "mine")


@spoken_at_work
def second_factor_needed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: in these pages only for staff who came in with one factor."""
    del exception
    if not isinstance(request.user, User):
        return redirect("account_login")
    seen = {
        "has_one": Authenticator.objects.filter(user=request.user).exists(),
        # allauth adds no second factor to an address that nobody proved to be theirs.
        "is_unproved": EmailAddress.objects.filter(user=request.user, verified=False).exists(),
    }
    return render(request, "accounts/second_factor_needed.html", seen, status=403)


def _user_of(name: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(bytes=urlsafe_base64_decode(name))).first()
    except ValueError:
        return None
