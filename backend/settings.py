"""All settings, read from the environment; a missing or odd value stops the start with its name and the reason."""

import json
import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: str = "False") -> bool:
    value = os.environ.get(name, default)
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def number(name: str, default: int, low: int, high: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def required(name: str, example: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is missing: set it, for example {name}={example}")
    return value


def json_list(name: str) -> list[dict[str, object]]:
    try:
        found = json.loads(os.environ.get(name, "[]"))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON: {error}") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ImproperlyConfigured(f"{name} must be a JSON list of objects")
    return found


def json_object(name: str) -> dict[str, object]:
    try:
        found = json.loads(os.environ.get(name, "{}"))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object")
    return found


def origin_of(name: str, address: str) -> str:
    """Scheme and host of an address, as a browser names them. Raises ImproperlyConfigured."""
    parts = urlsplit(address)
    if not (parts.scheme == "https" and parts.netloc):
        raise ImproperlyConfigured(f"{name}: must begin with https:// and a host, not {address!r}")
    return f"{parts.scheme}://{parts.netloc}"


def origins(providers: list[dict[str, object]]) -> list[str]:
    """Where each provider lives, as a browser names it."""
    found = []
    for one in providers:
        settings = one.get("settings")
        parts = urlsplit(str(settings.get("server_url", "")) if isinstance(settings, dict) else "")
        if not (parts.scheme and parts.netloc):
            raise ImproperlyConfigured(f"OIDC_PROVIDERS: {one.get('provider_id')!r} needs settings.server_url")
        found.append(f"{parts.scheme}://{parts.netloc}")
    return found


def database(url: str) -> dict[str, object]:
    """postgresql://user:password@host:port/name, or postgresql://user@/name?host=/folder/of/the/socket"""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
        # A worker or a page that waits for ever holds everybody else up.
        "OPTIONS": {
            "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000",
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # a network that swallows everything is noticed, in milliseconds
            "prepare_threshold": 5,  # allows what common.statements asks for; Django's own cursor never prepares
        },
        "CONN_MAX_AGE": 60,  # a new connection costs more than most questions
        "CONN_HEALTH_CHECKS": True,  # one that the server closed meanwhile is replaced, not used
    }


def smtp(url: str) -> tuple[str, int, str, str, bool, bool]:
    """smtp://user:password@host:port, smtps:// for TLS from the start, smtp+tls:// for STARTTLS."""
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured("SMTP_URL must look like smtp://user:password@host:25 (smtps, smtp+tls)")
    return (
        parts.hostname,
        parts.port or ports[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtp+tls",
        parts.scheme == "smtps",
    )


DEBUG = flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY is missing: set it to a long random text that nobody else knows.")
    SECRET_KEY = "development-only, never in production: nobody's secret"  # noqa: S105
if not DEBUG and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: links and sessions need at least 32 random characters.")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost 127.0.0.1").split()
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
if urlsplit(PUBLIC_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured(
        f"PUBLIC_URL must begin with https:// (or http:// on your own computer), not {PUBLIC_URL!r}."
    )
# Languages that people of this city speak and that the program does not know yet: a CSV file with the columns of
# matching/catalogue/languages.csv. Every process reads it when it starts.
LANGUAGES_FILE = Path(os.environ["LANGUAGES_FILE"]) if os.environ.get("LANGUAGES_FILE") else None
IS_HTTPS = PUBLIC_URL.startswith("https://")
# Cities by name (a folder in backend/city) or by path; empty means every city that comes with the product.
CITIES = os.environ.get("CITIES", "").split()
# Only a demonstration or test installation takes invented people; a live city refuses them.
FICTION_WELCOME = flag("FICTION_WELCOME")
# A demonstration at night would otherwise send nothing until the morning.
IGNORE_QUIET_HOURS = flag("IGNORE_QUIET_HOURS")
# Who collects figures at /metrics shows this; without it the page does not exist.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
# The log of our own mail server (Postfix): it tells what became of a mail when a line broke after the hand-over.
MAIL_LOG = os.environ.get("MAIL_LOG", "")
EVIDENCE_GRACE_SECONDS = number("EVIDENCE_GRACE_SECONDS", 60, 1, 86_400)
REMINDER_GRACE_SECONDS = number("REMINDER_GRACE_SECONDS", 86_400, 1, 10**7)
LEASE_SECONDS = number("LEASE_SECONDS", 120, 1, 3600)
REHINT_SECONDS = number("REHINT_SECONDS", 4, 1, 600)
# A round over at least so many millions of pairs is ranked in so many parts, by as many matchers as there are.
SPLIT_FROM_MILLION_PAIRS = number("SPLIT_FROM_MILLION_PAIRS", 20_000, 0, 10**9)
SPLIT_PARTS = number("SPLIT_PARTS", 4, 2, 1000)
# How many threads the matcher ranks a whole city with; the lists do not depend on it.
MATCHING_THREADS = number("MATCHING_THREADS", 2, 1, 64)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "leaflet",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "backend.common",
    "backend.city",
    "backend.outbox",
    "backend.accounts",
    "backend.organisations",
    "backend.talent",
    "backend.opportunities",
    "backend.placements",
    "backend.engagements",
    "backend.listening",
    "backend.me",
    "backend.coordination",
    "backend.operations",
    "backend.ui",
    "notifications",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # outside of the next: it makes an ETag weak
    "django.middleware.http.ConditionalGetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backend.common.speaking.speak",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.ui.context.help_line",
            ]
        },
    }
]

DATABASES = {
    "default": database(required("DATABASE_URL", "postgresql://user:password@host/name")),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Two numbered databases of one server: cache.clear() empties the one it lives in, and must not meet the queue.
REDIS_URL = required("REDIS_URL", "redis://host:6379").rstrip("/")
if urlsplit(REDIS_URL).scheme not in {"redis", "rediss"} or urlsplit(REDIS_URL).path:
    raise ImproperlyConfigured("REDIS_URL must look like redis://:password@host:6379, without a database number")
CACHES = {
    "default": {
        "BACKEND": "backend.common.cache.PatientCache",
        "LOCATION": f"{REDIS_URL}/1",
        # A screen never waits for Redis: one short try.
        "OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1, "retry": Retry(NoBackoff(), 0)},
    }
}

EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = smtp(
    os.environ.get("SMTP_URL", "smtp://127.0.0.1:1025")
)
EMAIL_TIMEOUT = 10
# A provider instead of SMTP, any that django-anymail knows (mailjet, brevo, …), with its settings as JSON.
EMAIL_PROVIDER = os.environ.get("EMAIL_PROVIDER", "")
ANYMAIL = json_object("EMAIL_PROVIDER_SETTINGS")
EMAIL_BACKEND = (
    f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend" if EMAIL_PROVIDER else "notifications.channels.email.Backend"
)
DEFAULT_FROM_EMAIL = os.environ.get("FROM_EMAIL", "Helpende handen <hallo@localhost.localdomain>")
# An older app shows "Werk de app even bij." and opens links in the browser.
MIN_APP_VERSION = os.environ.get("MIN_APP_VERSION", "0")
# Apps that open our links: "team id.bundle id" for iOS, "package=fingerprint" for Android, separated by spaces.
APP_LINKS_IOS = os.environ.get("APP_LINKS_IOS", "").split()
APP_LINKS_ANDROID = os.environ.get("APP_LINKS_ANDROID", "").split()
# Load tests only: how many times the announced rate limits.
RATE_LIMIT_SCALE = number("RATE_LIMIT_SCALE", 1, 1, 10_000)
# The gateway for text messages, any that apprise knows, with {phone} where the number goes; empty: no text messages.
SMS_URL = os.environ.get("SMS_URL", "")
if SMS_URL and "{phone}" not in SMS_URL:
    raise ImproperlyConfigured("SMS_URL must hold {phone} where the number goes, for example twilio://…/{phone}")
# Where the gateway brings what people write back: the secret in its address, and its names of sender, text and number.
SMS_IN_SECRET = os.environ.get("SMS_IN_SECRET", "")
if SMS_IN_SECRET and len(SMS_IN_SECRET) < 24:
    raise ImproperlyConfigured("SMS_IN_SECRET is too short: it needs at least 24 random characters.")
SMS_IN_FIELDS = os.environ.get("SMS_IN_FIELDS", "from text id").split()
if len(SMS_IN_FIELDS) != 3:
    raise ImproperlyConfigured("SMS_IN_FIELDS must be three names: of the sender, the text and the number")
# Push to apps: a gateway that apprise knows, with {token} where that of the device goes. Push to browsers: a key.
PUSH_URL = os.environ.get("PUSH_URL", "")
if PUSH_URL and "{token}" not in PUSH_URL:
    raise ImproperlyConfigured("PUSH_URL must hold {token} where that of the device goes")
VAPID_PRIVATE_KEY = os.environ.get("VAPID_PRIVATE_KEY", "")
if VAPID_PRIVATE_KEY and len(VAPID_PRIVATE_KEY.rstrip("=")) != 43:
    raise ImproperlyConfigured("VAPID_PRIVATE_KEY must be 32 bytes in base64url: python -m backend push_key makes one")
VAPID_SUBJECT = os.environ.get("VAPID_SUBJECT", PUBLIC_URL)
# Origins that may be spoken to although they are not public (a push service of one's own).
OUTBOUND_ALLOW = os.environ.get("OUTBOUND_ALLOW", "").split()
# notifications knows no device and no link of ours: this function makes the address when the words are made.
NOTIFICATION_DEVICES = "backend.accounts.actions.devices_of"
NOTIFICATION_DEVICE_GONE = "backend.accounts.actions.forget_device"
NOTIFICATION_UNSUBSCRIBE = "backend.talent.messages.unsubscribe_address"
NOTIFICATION_LINKS = "backend.placements.tokens.address_of"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL, LOGIN_REDIRECT_URL = "/binnen/", "/thuis/"
# Sign-in by a code of six digits to phone or e-mail, never a password (allauth; see docs/decisions/0010).
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Everybody comes in with 000000 and no message leaves: for people who build a client. Never with real people.
SANDBOX = flag("SANDBOX")
if SANDBOX and not FICTION_WELCOME:
    raise ImproperlyConfigured("SANDBOX is for an installation with invented people only: FICTION_WELCOME=True.")
# Who works at the volunteer point needs a second factor.
STAFF_SECOND_FACTOR = flag("STAFF_SECOND_FACTOR", str(not FICTION_WELCOME))
ACCOUNT_ADAPTER = "backend.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email", "phone"]  # one of the two; the sign-up itself is closed
ACCOUNT_SIGNUP_FORM_CLASS = "backend.accounts.signup.SignupForm"
ACCOUNT_FORMS = {
    "request_login_code": "backend.accounts.forms.RequestCodeForm",
    "confirm_login_code": "backend.accounts.forms.ConfirmCodeForm",
}
SILENCED_SYSTEM_CHECKS = ["account.W001"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600  # a text message may be slow
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = False  # for an unknown phone it answers 500, and so tells
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXIES", 0, 0, 5)  # how many proxies of our own stand in front
# A desk shares one address among many people; ten codes a day for one contact stop a flood of text messages.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "60/m/ip,3/m/key,10/d/key",
    "login": "60/m/ip",
    "login_failed": "30/m/ip,10/300s/key",
    "verify_phone": "1/30s/key,60/m/ip",
}
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Helpende handen"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
HEADLESS_CLIENTS = ("app",)
HEADLESS_SERVE_SPECIFICATION = True  # the document of the API takes over its part
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None  # its own page would load from elsewhere
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_ADAPTER = "backend.accounts.adapter.SocialAccountAdapter"
# OpenID Connect providers as JSON, for example ACM/IDM; see docs/operations.md.
OIDC_PROVIDERS = json_list("OIDC_PROVIDERS")
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC_PROVIDERS, "OAUTH_PKCE_ENABLED": True}}
CSRF_FAILURE_VIEW = "backend.ui.pages.too_long_open"
PASSWORD_RESET_TIMEOUT = 24 * 3600  # how long a sign-in link works
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
# The public map draws points by itself; tiles below them come from a server that the city chose, or not at all.
MAP_TILE_URL, MAP_ATTRIBUTION = os.environ.get("MAP_TILE_URL", ""), os.environ.get("MAP_ATTRIBUTION", "")
MAP_TILES_FROM = origin_of("MAP_TILE_URL", MAP_TILE_URL) if MAP_TILE_URL else ""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/api/docs/"],  # Swagger UI writes inline styles; it shows no personal data
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "img-src": ["'self'", "data:", *([MAP_TILES_FROM] if MAP_TILES_FROM else [])],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        # Browsers hold this against where a form is sent on to as well.
        "form-action": ["'self'", *origins(OIDC_PROVIDERS)],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.common.authn.SessionToken", "backend.common.authn.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "backend.common.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.common.problems.handler",
    "DEFAULT_PAGINATION_CLASS": "backend.common.paging.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": ["backend.common.limits.Throttle"],
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpende handen",
    "DESCRIPTION": "Volunteering that fits: opportunities, proposals and answers.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.common.openapi.with_headers",
        "backend.common.openapi.with_examples",
        "backend.common.openapi.with_links",
        "backend.common.openapi.with_tombstones",
        "backend.accounts.document.with_sign_in",
        "backend.common.openapi.cleaned",
    ],
    # Lists of codes that several fields share; a name of their own keeps generated clients stable.
    "ENUM_NAME_OVERRIDES": {
        "WheelchairEnum": "matching.citysample.WHEELCHAIR",
        "AccessibleEnum": "backend.organisations.models.ACCESSIBLE",
        "MemberRoleEnum": "backend.organisations.models.MEMBER_ROLES",
        "StaffRoleEnum": "backend.accounts.models.STAFF_ROLES",
        "LevelEnum": "matching.types.LEVELS",
        "SlotEnum": "matching.types.SLOTS",
        "ChannelEnum": "matching.citysample.CHANNELS",
        "CommitmentEnum": "matching.citysample.COMMITMENTS",
        "LanguageEnum": "backend.settings.LANGUAGE_CODES",
        "ThresholdLabelEnum": "backend.opportunities.models.LABELS",
        "ProposalStateEnum": "backend.placements.states.PROPOSAL_STATES",
        "OpportunityStateEnum": "backend.opportunities.states.STATES",
        "TrialVisitStateEnum": "backend.placements.states.TRIAL_VISIT_STATES",
        "PlacementStateEnum": "backend.placements.states.PLACEMENT_STATES",
        "FormalityStateEnum": "backend.placements.models.FORMALITY_STATES_TOLD",
        "TrainingPlaceStateEnum": "backend.listening.states.PLACE_STATES",
        "TrainingKindEnum": "backend.listening.models.TRAINING_KINDS",
        "ConfirmedByEnum": "backend.engagements.models.CONFIRMED_BY",
        "ExpensesWarningEnum": "backend.engagements.ceilings.WARNINGS",
    },
}

LANGUAGE_CODE = "nl"  # for whoever speaks none of a page's languages: see backend/ui/spoken.py
LANGUAGE_COOKIE_NAME = "taal"
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_CODES = ("nl", "fr", "en", "ar", "tr")
LANGUAGES = [("nl", "Nederlands"), ("fr", "Français"), ("en", "English"), ("ar", "العربية"), ("tr", "Türkçe")]
USE_TZ = True
TIME_ZONE = "Europe/Brussels"
# Serve static files from where they lie, without collecting them first (your own computer, the demonstration).
SERVE_FROM_SOURCE = DEBUG or flag("SERVE_FROM_SOURCE")
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # the product takes no uploads
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SERVE_FROM_SOURCE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = SERVE_FROM_SOURCE

LOG_FORMAT = os.environ.get("LOG_FORMAT", "json")
if LOG_FORMAT not in {"json", "line"}:
    raise ImproperlyConfigured(f"LOG_FORMAT must be json or line, not {LOG_FORMAT!r}.")
# Ids only: what people told us never stands in a log. The access log hides what follows /v/ and /o/.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_tokens": {"()": "backend.common.logs.HideTokens"}},
    "formatters": {
        "json": {"()": "backend.common.logs.json_lines"},
        "line": {"()": "backend.common.logs.WithoutDetails", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["no_tokens"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
