"""What kind of value something is, so that an export can show whatever is in it."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


@register.filter
def is_listing(value: Any) -> bool:
    return isinstance(value, list)
