"""Long names are cut so that a text message stays one."""

from django import template

register = template.Library()


@register.filter
def at_most(text: str, longest: int) -> str:
    """At most so many signs; two dots say that there was more."""
    return text if len(text) <= longest else text[: longest - 2].rstrip() + ".."
