"""What is asked of who writes down something that works."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.listening.models import KNOWLEDGE_LONGEST, TITLE_LONGEST


class KnowledgeForm(forms.Form):
    """A title and the words."""

    title = forms.CharField(
        max_length=TITLE_LONGEST,
        error_messages={"required": _("Geef een titel."), "max_length": _("Schrijf hoogstens 120 tekens.")},
    )
    text = forms.CharField(
        max_length=KNOWLEDGE_LONGEST,
        error_messages={"required": _("Schrijf wat werkt."), "max_length": _("Schrijf hoogstens 6000 tekens.")},
    )
