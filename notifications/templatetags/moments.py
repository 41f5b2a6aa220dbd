"""Moments in words."""

from datetime import date, datetime

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def other_year(moment: date) -> str:
    """The year behind a space when the moment lies in another year than today, else nothing."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return "" if local.year == timezone.localdate().year else f" {local.year}"
