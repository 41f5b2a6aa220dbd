"""The language of a page: the one that somebody chose, else the one in which we write to them, else their browser's."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from matching.catalogue import load_catalogue

YEAR_SECONDS = 365 * 86400
WORK_LANGUAGES = ("nl", "en")


def spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page whose words exist in every language of `settings.LANGUAGES`."""
    return _spoken(view, tuple(settings.LANGUAGE_CODES))


def spoken_at_work(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for organisations and the volunteer point: its words exist in `WORK_LANGUAGES`."""
    return _spoken(view, WORK_LANGUAGES)


def _spoken(view: Callable[..., HttpResponse], among: tuple[str, ...]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def in_own_language(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = getattr(request, "user", None)
        own = user.language if user is not None and user.is_authenticated else ""
        language = chosen_or(request, own or translation.get_language_from_request(request), among)
        return speak(request, language, lambda: view(request, *args, **kwargs))

    return tell_languages(in_own_language, among)


def tell_languages(door: Callable[..., HttpResponse], among: tuple[str, ...]) -> Callable[..., HttpResponse]:
    """Write on a door which languages it speaks, for `languages_of`."""
    vars(door)["languages"] = among
    return door


def label_of(listed: str, code: str, label: str) -> str:
    """A label of the catalogue in the language of this page, else the one that is given."""
    return load_catalogue().label_in(spoken_language(), listed, code, label)


def work_language(request: HttpRequest) -> str:
    """The language of the colleague at the desk, on a page that speaks another one to the person beside them."""
    own = getattr(request.user, "language", "")
    return own if own in WORK_LANGUAGES else WORK_LANGUAGES[0]


def languages_of(path: str) -> tuple[str, ...]:
    """In which languages the page at this path is spoken; every one for a path of no page."""
    try:
        view = resolve(path.partition("?")[0]).func
    except Resolver404:
        view = None
    return getattr(view, "languages", tuple(settings.LANGUAGE_CODES))


def speak(request: HttpRequest, language: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """An answer with its words in one language; the page offers the others."""
    request.is_spoken = True  # type: ignore[attr-defined]
    with translation.override(language):
        response = answer()
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            response.render()  # its words are made now, not after this language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def chosen_or(request: HttpRequest, language: str, among: tuple[str, ...] = ()) -> str:
    """What somebody chose in this browser, else the language in which we write to them; one of `among`."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, language)
    known = among or settings.LANGUAGE_CODES
    return next((one for one in (chosen, language) if one in known), settings.LANGUAGE_CODE)


def remember(response: HttpResponse, language: str) -> HttpResponse:
    """The choice stays a year in this browser; it says nothing else about anybody."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def spoken_language() -> str:
    """The language of this page, for words that are not gettext's: one of ours, without a country."""
    language = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return language if language in settings.LANGUAGE_CODES else settings.LANGUAGE_CODE
