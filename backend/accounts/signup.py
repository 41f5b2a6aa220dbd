"""allauth wants a sign-up form although its sign-up is closed; this one refuses, should anybody open it.

In a module of its own: in one with other forms of allauth the import goes in a circle.
"""

from typing import Any

from django import forms


class SignupForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("Maak een profiel op de eerste bladzijde.", code="closed")

    def signup(self, request: Any, user: Any) -> None:
        """allauth calls it after a sign-up, which never happens."""
