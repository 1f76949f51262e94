import os

SECRET_KEY = "x"
INSTALLED_APPS = ["djangos"] + (["nothing_of_the_kind"] if os.environ.get("BROKEN") == "app" else [])
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "djangos.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
