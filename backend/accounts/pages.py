"""Come in by a one-time link, and go out. Sign-in by code comes with the accounts issue."""

from uuid import UUID

from django.contrib.auth import login, logout
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in_path(user: User) -> str:
    """A link that works once, for PASSWORD_RESET_TIMEOUT seconds."""
    name = urlsafe_base64_encode(user.pk.bytes)
    return reverse("sign_in", args=[name, default_token_generator.make_token(user)])


@require_safe
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Where somebody lands who is not signed in."""
    return render(request, "accounts/ask_for_link.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """GET shows a button and changes nothing; POST comes in."""
    user = _user_of(name)
    if user is None or not user.is_active or not default_token_generator.check_token(user, token):
        return render(request, "accounts/old_link.html", status=404)
    if request.method != "POST":
        return render(request, "accounts/sign_in.html")
    login(request, user, backend=BACKEND)  # sets last_login, so the link is used up
    return redirect(home_of(user))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("front")


def home_of(user: User) -> str:
    if user.staff_roles.exists():
        return "/coordinatie/"
    return "/org/" if user.memberships.exists() else "/ik/"


def _user_of(name: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(bytes=urlsafe_base64_decode(name))).first()
    except ValueError:
        return None
