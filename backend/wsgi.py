"""The web process, ready before its first request: whoever deploys makes nobody wait for files to be read."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()

from backend.city.load import cities
from matching.catalogue import load_catalogue

_read = (get_resolver().url_patterns, cities(), load_catalogue())
