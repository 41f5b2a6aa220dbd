"""Words for the codes of signals and trainings that everybody reads."""

from django.utils.translation import gettext_lazy as _

from backend.listening import models, states

THEME_WORDS = {
    "papers": _("Papieren en regels"), "money": _("Geld"), "language": _("Taal"), "transport": _("Vervoer"),
    "respect": _("Respect"), "places": _("Te weinig plaatsen"), "other": _("Iets anders"),
}  # fmt: skip
GROUP_WORDS = {
    states.HEARD: _("We hoorden dit van meer mensen."),
    states.WITH_POLICY: _("De stad kijkt ernaar."),
    states.DECIDED: _("Er is beslist."),
}
TRAINING_WORDS = {
    models.COURSE: _("Vorming"), models.RECEPTION: _("Vorming over onthaal"),
    models.CULTURES: _("Vorming over culturen"),
    models.COACHING_GROUP: _("Coaching"), models.PEER_SUPERVISION: _("Intervisie"),
    models.EXCHANGE: _("Elkaar ontmoeten"), models.PARTNER_DAY: _("Dag met partners"),
    models.VISIT: _("Op bezoek"),
}  # fmt: skip
