"""The app's name for Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
