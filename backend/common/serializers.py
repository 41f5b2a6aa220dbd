"""Serializers that take nothing they do not know: no unknown field, no number for a text, no null byte."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A text is a text: DRF would take 0 and true as well."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            data.encode()
        except UnicodeEncodeError:  # half a character
            self.fail("invalid")
        return str(super().to_internal_value(data))


class StrictSerializer(serializers.Serializer):
    """Refuses fields it does not know, each by its name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: serializers.ErrorDetail("", "unknown_field") for name in unknown}
                )
        return super().to_internal_value(data)
