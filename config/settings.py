"""Settings of Jalon, all by environment (the same names in demo, tests and production)."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import logs, production

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """Value of an environment variable, or of the file that NAME_FILE points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as trouble:
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that cannot be read ({type(trouble).__name__}): "
                "make it, or let the user of the process read it (docs/operations.md)."
            ) from trouble
    return os.environ.get(name, default)


def env_bool(name: str) -> bool:
    """True for 1, true, yes and on."""
    return env(name).lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list without empty parts."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


TESTING = "pytest" in sys.modules
DEMO = env_bool("DEMO")
DEBUG = env_bool("DEBUG")
PRODUCTION = env_bool("PRODUCTION")
if DEMO and PRODUCTION:
    raise ImproperlyConfigured("DEMO opens sign-in to anybody on this machine: never with PRODUCTION.")
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var")))

SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")  # earlier keys, while a key is being changed
if not (SECRET_KEY or PRODUCTION):
    SECRET_KEY = "development-only-key-that-protects-nothing-0123456789"

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
OPEN_DATA_PREFIX = env("OPEN_DATA_PREFIX", "jalon")  # given by 360Giving to who publishes
OPEN_DATA_PUBLISHER = env("OPEN_DATA_PUBLISHER")  # who funds, from org-id.guide; else one of ours
TRUSTED_PROXY = env_list("TRUSTED_PROXY")  # peers whose X-Request-Start and X-Request-ID are believed
HEALTH_TOKEN = env("HEALTH_TOKEN")  # who sends it as a bearer reads the details of /sante/…

INSTALLED_APPS = [
    "accounts",  # first: it takes createsuperuser away
    "config",  # its commands and tasks; it owns no table
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "web",
    "search",
    "workflows",
    "grants",
    "applications",
    "review",
    "notifications",
    "audit",
]
if TESTING:
    INSTALLED_APPS.append("tests.workflows.sample")
SITE_ID = 1

MIDDLEWARE = [
    "web.middleware.ArrivalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.middleware.NoStoreMiddleware",
    "web.middleware.RefusedMethodMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "web.templatetags.jalon"],
        },
    }
]
if DEBUG:
    TEMPLATES[0]["OPTIONS"]["loaders"] = TEMPLATES[0]["OPTIONS"]["loaders"][0][1]  # type: ignore[index]

SQLITE_INIT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
)


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME?host=SOCKET."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_INIT},
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL: unknown scheme {parts.scheme!r}.")
    query = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or env("DATABASE_PASSWORD"),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0 if TESTING else 60,
        # Lists are short statements that look long: compiling one takes ten times its run.
        "OPTIONS": {"options": unquote(query.get("options", "-c jit=off"))},
    }


DATABASE_URL = env("DATABASE_URL")
DATABASES = {"default": database(DATABASE_URL or f"sqlite:///{DATA_DIR / 'jalon.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3") and TESTING:
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / f"test-{os.getpid()}.sqlite3"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
elif TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "jalon_cache"}
    }

# --- search ---------------------------------------------------------------------------------------
SEARCH_BACKEND = env("SEARCH_BACKEND", "database")  # the database's own, or elasticsearch
ELASTICSEARCH_URL = env("ELASTICSEARCH_URL")  # http(s)://[USER:PASSWORD@]HOST:PORT
# What the names of its indices begin with, one a database.
ELASTICSEARCH_INDEX = env("ELASTICSEARCH_INDEX", f"jalon-test-{os.getpid()}" if TESTING else "jalon")
if SEARCH_BACKEND == "elasticsearch" and not ELASTICSEARCH_URL:
    raise ImproperlyConfigured("SEARCH_BACKEND=elasticsearch needs ELASTICSEARCH_URL (docs/search.md).")

# --- jobs -----------------------------------------------------------------------------------------
QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_URL = "memory://" if TESTING else REDIS_URL or "filesystem://"
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "store_processed": False,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False

# --- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING or DEMO:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "/"
# allauth block (kept by the accounts app)
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.signin.LoginForm",
    "signup": "accounts.signin.SignupForm",
    "reset_password": "accounts.signin.ResetForm",
    "reset_password_from_key": "accounts.signin.NewPasswordForm",
    "change_password": "accounts.signin.ChangePasswordForm",
    "request_login_code": "accounts.signin.RequestCodeForm",
    "confirm_login_code": "accounts.signin.CodeForm",
    "confirm_email_verification_code": "accounts.signin.EmailCodeForm",
    "set_password": "accounts.signin.SetPasswordForm",
    "reauthenticate": "accounts.signin.PasswordAgainForm",
}
MFA_ADAPTER = "accounts.adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.SignInCodeForm",
    "reauthenticate": "accounts.factor_forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 30 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,3/m/key",
    "reset_password": "20/m/ip,5/m/key",
    "signup": "20/m/ip",
}
# end of allauth block
SECOND_FACTOR = not DEMO  # asked of staff to countersign a refusal, to sign and to release a decision
SECOND_FACTOR_MINUTES = 10  # a code given in this session counts for so long

SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env("SECURE_SSL_REDIRECT", "1") == "1"
    SECURE_REDIRECT_EXEMPT = [r"^sante/(vivant|pret|travail)/$"]  # asked inside the network, without TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", SITE_URL if PRODUCTION else "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "frame-src": ["'self'"],
        "object-src": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "fr-ca"
LANGUAGES = [("fr-ca", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Toronto"
FORMAT_MODULE_PATH: list[str] = []

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files"), "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "web.statics.ModuleStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_SCANNER = env("FILE_SCANNER", "none")  # "none" or the address of a scanner
FILE_MAX_BYTES = 20 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "applications.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "applications.uploads.RoomHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- seal of documents: PEM text, or files that the worker reads each time it seals -----------------
SEAL = env("SEAL")  # "none": no seal any more, on a site whose documents were sealed before
SEAL_KEY, SEAL_KEY_FILE = os.environ.get("SEAL_KEY", ""), os.environ.get("SEAL_KEY_FILE", "")
SEAL_CERTIFICATE = os.environ.get("SEAL_CERTIFICATE", "")
SEAL_CERTIFICATE_FILE = os.environ.get("SEAL_CERTIFICATE_FILE", "")

# --- mail -----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Jalon <ne-pas-repondre@jalon.example>")
EMAIL_URL = env("EMAIL_URL")  # smtp://USER:PASSWORD@HOST:PORT, else messages stay in EMAIL_FILE_PATH
EMAIL_FILE_PATH = DATA_DIR / "mail"
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "notifications.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"

# --- logs: JSON lines in production, the same words in plain elsewhere (config/logs.py) --------------
LOGGING = logs.configuration(PRODUCTION, env("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING").upper())
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

if PRODUCTION:
    production.refuse(
        {
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": DATABASE_URL,
            "REDIS_URL": REDIS_URL,
            "SITE_URL": env("SITE_URL"),
            "ALLOWED_HOSTS": ",".join(ALLOWED_HOSTS),
            "EMAIL_URL": EMAIL_URL,
            "DEFAULT_FROM_EMAIL": env("DEFAULT_FROM_EMAIL"),
            "FILE_SCANNER": FILE_SCANNER,
            "DEBUG": env("DEBUG"),
        }
    )
