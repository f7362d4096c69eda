"""Every setting, read from the environment (see `.env.example`).

The file loads in an empty environment, for type checkers and for commands
that need no database. Production is DEBUG=0, the default: it asks for what it
cannot do without.
"""

from pathlib import Path

import django_stubs_ext

from config import env, local, logs

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
# A second terminal finds the stack that `manage.py up` runs in the first.
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / ".data")
if not env.given("DATABASE_URL"):
    env.fallback.update(local.running(DATA_DIR))

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY")
# The HMAC key under which an author's e-mail becomes the key of his history.
# It is apart from SECRET_KEY so that either can be rotated alone.
AUTHOR_KEY_SECRET = env.text("AUTHOR_KEY_SECRET")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# How many proxies of our own stand before us. The client's address is the
# entry that the outermost of them wrote; with 0, X-Forwarded-For is ignored.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "axes",
    "comments",
    "moderation",
    "config.apps.ConfigConfig",
]

MIDDLEWARE = [
    "config.metrics.CountRequestsMiddleware",
    "config.middleware.RequestIdMiddleware",
    "config.middleware.RefuseNulMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "moderation.middleware.LanguageMiddleware",
    "moderation.middleware.ZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # What takes the place of another package's template comes before its own.
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data -----------------------------------------------------------------

DATABASES = {
    "default": {
        **env.database(),
        # A connection a request costs four fifths of the POST rate (measured).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Transaction pooling (PgBouncer) allows no server-side cursors.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    # Bulk statements send their arrays in binary, for a fifth of the CPU time.
    "server_side_binding": True,
    # A machine that vanished gives its locked rows back within half a minute.
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "connect_timeout": 5,
    **(DATABASES["default"].get("OPTIONS") or {}),  # type: ignore[dict-item]
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_url()
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- Celery ---------------------------------------------------------------

CELERY_BROKER_URL = env.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
# A ring is acknowledged before it is served: a killed worker would otherwise
# keep it for an hour, and the sweep finds what a lost ring would have said.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# It concerns late acknowledgement only, which nothing here uses; unset, Celery
# warns of it each time that Redis is lost.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.2,
    "socket_keepalive": True,
    # A worker whose Redis vanished without a word finds out within seven
    # seconds: one of BRPOP's own wait and twice this.
    "health_check_interval": 3,
}
CELERY_TASK_PUBLISH_RETRY = False
# Celery would close the database connection around each task; `config.celery`
# treats it as Django does around requests.
CELERY_DB_REUSE_MAX = 2**63
# Reading an archive takes hours: it has workers of its own, so that no comment waits for it.
CELERY_TASK_ROUTES = {
    "comments.tasks.import_source": {"queue": "imports"},
    "comments.tasks.purge_imports": {"queue": "imports"},
    "comments.tasks.go_on_with_run": {"queue": "imports"},
    "comments.tasks.run_problems_again": {"queue": "imports"},
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    # One that no worker took before the next was sent is thrown away, so that
    # they do not pile up while the workers are busy or gone.
    "sweep": {"task": "moderation.tasks.sweep", "schedule": 5.0, "options": {"expires": 4.0}},
    "sweep-quotes": {
        "task": "moderation.tasks.sweep_quotes",
        "schedule": 5.0,
        "options": {"expires": 4.0},
    },
    "undo-imports": {
        "task": "moderation.tasks.undo_imports",
        "schedule": 30.0,
        "options": {"expires": 25.0},
    },
    "sweep-tryouts": {"task": "moderation.tasks.try_out", "schedule": 5.0, "options": {"expires": 4.0}},
    "fold-tallies": {
        "task": "moderation.tasks.fold_tallies",
        "schedule": 60.0,
        "options": {"expires": 55.0},
    },
    "recover-runs": {"task": "comments.tasks.recover_runs", "schedule": 60.0},
    "purge-idempotency-keys": {"task": "comments.tasks.purge_idempotency_keys", "schedule": 600.0},
    "purge-imports": {
        "task": "comments.tasks.purge_imports",
        "schedule": 3600.0,
        "options": {"expires": 3500.0},
    },
}

# --- the parts that know each other only here --------------------------------

# What `comments` stores beside a text so that `moderation` need not fold it
# again; `comments` does not import `moderation`, so the name stands here.
COMMENTS_FOLDER = "moderation.text.stored_form"
# Which comments a person has decided, for an import's ledger to tell where one of them is edited.
COMMENTS_DECIDED = "moderation.history.decided_by_people"

# Megabytes of sources (articles and comments that are quoted, with their index) that each worker
# process keeps between batches. 256 hold some sixteen million characters: eight articles of
# ten thousand comments, or hundreds of ordinary ones.
SOURCES_MEGABYTES = env.integer("SOURCES_MEGABYTES", 256, least=1)

# Of a thousand live comments that were decided without a person, how many go to the desk as a sample:
# of those rejected, and of those published. A site's safeguards may say otherwise.
AUDIT_REJECTED_PER_MILLE = env.integer("AUDIT_REJECTED_PER_MILLE", 50)
AUDIT_PUBLISHED_PER_MILLE = env.integer("AUDIT_PUBLISHED_PER_MILLE", 2)

# --- import sources --------------------------------------------------------------

# Folders whose files a source may name. Whoever may edit sources reads what is in them.
IMPORT_FOLDERS = env.words("IMPORT_FOLDERS")
# Where uploads stand and what is being fetched; web and the workers of `imports` share it.
IMPORT_DATA_DIR = Path(env.text("IMPORT_DATA_DIR") or DATA_DIR / "imports")
# What is uploaded is written there at once, and not into a container's memory.
FILE_UPLOAD_TEMP_DIR = IMPORT_DATA_DIR if IMPORT_DATA_DIR.is_dir() else None
IMPORT_UPLOAD_MEGABYTES = env.integer("IMPORT_UPLOAD_MEGABYTES", 512, least=1)
# Networks (10.1.0.0/16), addresses and names of hosts that a source may lead to
# beside the public internet.
IMPORT_ALLOWED_HOSTS = env.words("IMPORT_ALLOWED_HOSTS")
# What sources may name as credentials, and nothing else of the environment.
IMPORT_SECRETS = env.beginning("SEKISHO_IMPORT_")

# --- services outside ---------------------------------------------------------------

# Networks, addresses and names of hosts that a rule may have asked beside the public internet.
EXTERNAL_ALLOWED_HOSTS = env.words("EXTERNAL_ALLOWED_HOSTS")
# The keys that rules may name, and nothing else of the environment.
EXTERNAL_SECRETS = env.beginning("SEKISHO_EXTERNAL_")

# --- people ---------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "moderation.people.PeopleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Five wrong passwords for one name from one address close that pair for a
# quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
# Behind proxies of our own all requests come from their address: counted by
# it, anybody could close a colleague's name to everybody.
AXES_CLIENT_IP_CALLABLE = "comments.api.addresses.login_address"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "moderation" / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-root"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Where `collectstatic` has not run (the local stack, tests), files are looked
# for in the apps when they are asked for.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_ROOT.is_dir()
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- API ------------------------------------------------------------------

# The largest body that is read: an article of 500,000 characters, each escaped as
# a \uXXXX pair in JSON. Comments have a lower limit of their own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_291_456

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["comments.api.authentication.SiteKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["comments.api.authentication.HasSiteKey"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["comments.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "comments.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
# Requests a minute. A newspaper's busiest hour is some thousand comments; one
# reader behind one address writes a handful.
THROTTLE_SITE_KEY = env.integer("THROTTLE_SITE_KEY", 60_000)
THROTTLE_CLIENT_ADDRESS = env.integer("THROTTLE_CLIENT_ADDRESS", 60)
# A check before sending runs the rules while its caller waits, so a key has fewer.
THROTTLE_CHECK_SITE_KEY = env.integer("THROTTLE_CHECK_SITE_KEY", 6_000)
THROTTLE_CHECK_CLIENT_ADDRESS = env.integer("THROTTLE_CHECK_CLIENT_ADDRESS", 60)

SPECTACULAR_SETTINGS = {
    "TITLE": "Sekisho API",
    "VERSION": "1",
    "DESCRIPTION": "Hand over articles and readers' comments, get a decision back, show what is published.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    # Fields of one name with other choices each get a name of their own in the document.
    "ENUM_NAME_OVERRIDES": {
        "Status": "comments.models.Status.values",
        "ForeseenStatus": "moderation.check_api.FORESEEN",
        "QuoteVerdict": "moderation.api.VERDICTS",
        "ReferenceVerdict": "moderation.check_api.REFERENCE_VERDICTS",
        "DifferenceKind": "moderation.api.DIFFERENCE_KINDS",
        "SourceKind": "moderation.api.SOURCE_KINDS",
        "CommentKind": "moderation.api.KINDS",
        "ParentHow": "comments.models.ParentHow.values",
    },
}

# --- admin ----------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Sekisho 関所",
    "SITE_HEADER": "Sekisho 関所",
    "SITE_SYMBOL": "fence",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "moderation.admin.navigation.environment",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "moderation.admin.navigation.icon"},
    ],
    "STYLES": ["moderation.admin.navigation.stylesheet"],
    "SCRIPTS": ["moderation.admin.navigation.script"],
    "DASHBOARD_CALLBACK": "moderation.admin.dashboard.front_page",
    "SIDEBAR": {"navigation": "moderation.admin.navigation.sidebar"},
    # Indigo (藍), of which every step down to 500 reads on white by WCAG AA.
    "COLORS": {
        "primary": {
            "50": "oklch(97.2% .012 262)",
            "100": "oklch(94% .026 262)",
            "200": "oklch(88.5% .052 262)",
            "300": "oklch(80% .09 262)",
            "400": "oklch(71% .125 262)",
            "500": "oklch(57% .16 262)",
            "600": "oklch(49.5% .17 262)",
            "700": "oklch(43% .155 262)",
            "800": "oklch(37% .125 262)",
            "900": "oklch(32% .095 262)",
            "950": "oklch(23% .065 262)",
        }
    },
}

# Who may read /metrics: whoever sends this as a bearer token. Without it, only
# this very machine may, and not through a proxy.
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- mail -----------------------------------------------------------------

# Without a host no mail is sent.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "sekisho@localhost")

# --- logs -----------------------------------------------------------------

LOGGING = logs.configuration()

# --- safety ---------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
if not DEBUG:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", True)
    SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
    CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
