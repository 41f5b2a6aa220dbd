"""Table of contents of the server."""

from django.conf import settings
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from backend.accounts import pages as accounts
from backend.accounts.api import AccountsView, MyEmailConfirmView, MyEmailView
from backend.city import api as city
from backend.common.document_view import DocumentView
from backend.coordination import incoming_pages, matches, planning, worklist_pages
from backend.coordination import pages as coordination
from backend.coordination import report_pages as city_report
from backend.coordination.api import StatisticsView
from backend.engagements import goal_pages, shift_pages, token_pages, work_shift_pages, work_token_pages
from backend.engagements import pages as engagements
from backend.engagements import work_pages as days
from backend.engagements.api import EngagementViewSet, GoalsView, GoalView, HoursView, LearnedView, ShiftViewSet
from backend.listening import (
    poll_pages,
    signal_pages,
    story_pages,
    support_pages,
    talk_pages,
    training_pages,
    work_pages,
    work_poll_pages,
)
from backend.listening.api import TrainingViewSet
from backend.listening.webhooks import sms
from backend.me import api as me
from backend.me import card_pages, desk, guide, start
from backend.me.api import JournalViewSet, MessageViewSet, ThanksViewSet
from backend.me.pages import my_messages
from backend.operations import pages as operations
from backend.operations.api import QueueView
from backend.opportunities import hsds, social_map, volunteering
from backend.opportunities import pages as opportunities
from backend.opportunities.api import OpportunityViewSet
from backend.organisations import location_pages
from backend.organisations import pages as organisations
from backend.organisations.api import MembersView, MemberView, OrganisationViewSet
from backend.placements import api as placements
from backend.placements import (
    candidate_pages,
    duo_pages,
    formality_pages,
    links,
    pages,
    posting,
    public_pages,
    report_pages,
    talent_guide_pages,
)
from backend.placements import company_api as company
from backend.placements.api import PlacementViewSet, ProposalViewSet, ReferralViewSet, TrialVisitViewSet
from backend.talent import api as talent
from backend.talent.links import unsubscribe
from backend.talent.pages import may_i
from backend.ui import app_links
from backend.ui import pages as ui

router = DefaultRouter(trailing_slash=False, use_regex_path=False)
router.include_root_view = False
router.include_format_suffixes = False
router.register("opportunities", OpportunityViewSet, basename="opportunity")
router.register("organisations", OrganisationViewSet, basename="organisation")
router.register("proposals", ProposalViewSet, basename="proposal")
router.register("trial-visits", TrialVisitViewSet, basename="trial_visit")
router.register("placements", PlacementViewSet, basename="placement")
router.register("referrals", ReferralViewSet, basename="referral")
router.register("messages", MessageViewSet, basename="message")
router.register("thanks", ThanksViewSet, basename="thanks")
router.register("shifts", ShiftViewSet, basename="shift")
router.register("engagements", EngagementViewSet, basename="engagement")
router.register("trainings", TrainingViewSet, basename="training")
router.register("me/journal", JournalViewSet, basename="journal")
api = [
    path("config", city.ConfigView.as_view()),
    path("talents", city.TalentsView.as_view()),
    path("themes", city.ThemesView.as_view()),
    path("boundaries", city.BoundariesView.as_view()),
    path("wishes", city.WishesView.as_view()),
    path("support", city.SupportView.as_view()),
    path("languages", city.LanguagesView.as_view()),
    path("neighbourhoods", city.NeighbourhoodsView.as_view()),
    path("statistics", StatisticsView.as_view()),
    path("ops/queue", QueueView.as_view()),
    path("accounts", AccountsView.as_view()),
    path("me", me.MeView.as_view()),
    path("me/email", MyEmailView.as_view()),
    path("me/email/confirm", MyEmailConfirmView.as_view()),
    path("me/export", me.ExportView.as_view()),
    path("me/profile", talent.ProfileView.as_view()),
    path("me/contact-rules", talent.ContactRulesView.as_view()),
    path("me/consents", talent.ConsentsView.as_view()),
    path("me/consents/<uuid:pk>", talent.ConsentView.as_view()),
    path("guides", talent.GuidesView.as_view()),
    path("guided", me.GuidedView.as_view()),
    path("guided/<uuid:pk>/proposals", me.GuidedProposalsView.as_view()),
    path("guided/<uuid:pk>/proposals/<uuid:proposal_id>/answer", me.GuidedAnswerView.as_view()),
    path("devices", me.DevicesView.as_view()),
    path("devices/<uuid:pk>", me.DeviceView.as_view()),
    path("links/<str:token>", placements.LinkView.as_view()),
    path("links/<str:token>/answer", placements.LinkAnswerView.as_view()),
    path("links/<str:token>/booking", placements.LinkBookingView.as_view()),
    path("opportunities/<uuid:pk>/interest", placements.InterestView.as_view()),
    path("opportunities/<uuid:pk>/candidates", placements.CandidatesView.as_view()),
    path("links/<str:token>/question", placements.LinkQuestionView.as_view()),
    path("links/<str:token>/feedback", placements.LinkFeedbackView.as_view()),
    path("links/<str:token>/stop", placements.LinkStopView.as_view()),
    path("organisations/<uuid:pk>/members", MembersView.as_view()),
    path("organisations/<uuid:pk>/members/<uuid:member_id>", MemberView.as_view()),
    path("candidates/<uuid:pk>/confirm", placements.ConfirmView.as_view()),
    path("candidates/<uuid:pk>/invite", placements.InviteView.as_view()),
    path("candidates/<uuid:pk>/decline", placements.NotForUsView.as_view()),
    path("candidates/<uuid:pk>/refer", placements.ReferView.as_view()),
    path("questions/<uuid:pk>/answer", placements.ReplyView.as_view()),
    path("proposals/<uuid:pk>/formalities", placements.FormalitiesView.as_view()),
    path("proposals/<uuid:pk>/boundaries", placements.BoundariesToldView.as_view()),
    path("proposals/<uuid:pk>/company", company.CompanyView.as_view()),
    path("proposals/<uuid:pk>/pair", company.PairView.as_view()),
    path("pairs", company.PairsView.as_view()),
    path("pairs/look", company.PairLookView.as_view()),
    path("placements/<uuid:pk>/buddy", company.WillingView.as_view()),
    path("candidates/<uuid:pk>/buddy", company.CandidateBuddyView.as_view()),
    path("placements/<uuid:pk>/hours", HoursView.as_view()),
    path("placements/<uuid:pk>/goals", GoalsView.as_view()),
    path("goals/<uuid:pk>", GoalView.as_view()),
    path("goals/<uuid:pk>/learned", LearnedView.as_view()),
]

urlpatterns = [
    path("", ui.front, name="front"),
    path("over/", ui.about, name="about"),
    path("privacy/", ui.privacy, name="privacy"),
    path("wie-ziet-wat/", ui.who_sees_what, name="who_sees_what"),
    path("voor-thuis/", ui.at_home, name="at_home"),
    path("hulp/", social_map.help_, name="help"),
    path("veilig/", report_pages.safety, name="safety"),
    path("melden/", report_pages.report, name="report"),
    path("melden/<str:code>/", report_pages.follow, name="follow_report"),
    path("peiling/<uuid:poll_id>/", poll_pages.poll, name="poll"),
    path("signalen/", signal_pages.signals, name="signals"),
    path("signalen/<str:code>/", signal_pages.follow, name="follow_signal"),
    path("verhalen/", story_pages.stories, name="stories"),
    path("vormingen/", training_pages.trainings, name="trainings"),
    path("vormingen/<uuid:training_id>/", training_pages.place, name="training_place"),
    path("vormingen/<uuid:training_id>/agenda.ics", training_pages.appointment, name="training_appointment"),
    path("toegankelijkheid/", ui.accessibility, name="accessibility"),
    path("taal/", ui.language, name="language"),
    path("start/", start.start, name="start"),
    path("start/graag/", start.likes, name="start_likes"),
    path("start/kan/", start.can, name="start_can"),
    path("start/wanneer/", start.when, name="start_when"),
    path("start/waar/", start.where, name="start_where"),
    path("start/past/", start.fits, name="start_fits"),
    path("start/talen/", start.languages, name="start_languages"),
    path("start/naam/", start.name, name="start_name"),
    path("start/klaar/", start.done, name="start_done"),
    path("ik/kaart/", start.card, name="card"),
    path("organisaties/", social_map.browse, name="organisations"),
    path("organisaties/<uuid:organisation_id>/", social_map.organisation, name="organisation_card"),
    path("organisaties/<uuid:organisation_id>/naast/<uuid:other_id>/", social_map.beside, name="side_by_side"),
    path("organisaties/<uuid:organisation_id>/foto.jpg", social_map.photo_of_front, name="organisation_photo"),
    path("organisaties/<uuid:organisation_id>/sms/", card_pages.by_text, name="card_by_text"),
    path("organisaties/<uuid:organisation_id>/fiche/", social_map.printed, name="organisation_print"),
    path("mag-ik/", may_i, name="may_i"),
    path("volunteering.jsonld", volunteering.everything, name="volunteering_data"),
    path("hsds/", hsds.about, name="hsds"),
    path("hsds/organizations", hsds.organizations, name="hsds_organizations"),
    path("hsds/organizations/<uuid:pk>", hsds.one_organization, name="hsds_organization"),
    path("hsds/services", hsds.services, name="hsds_services"),
    path("hsds/services/<uuid:pk>", hsds.one_service, name="hsds_service"),
    path("hsds/service_at_locations", hsds.service_at_locations, name="hsds_service_at_locations"),
    path("hsds/everything.json", hsds.all_at_once, name="hsds_everything"),
    path("taken/", opportunities.browse, name="opportunities"),
    path("taken/nieuw.atom", opportunities.feed, name="opportunities_feed"),
    path("taken/kaart/", opportunities.on_map, name="opportunities_on_map"),
    path("taken/affiche/<str:neighbourhood>/", opportunities.poster, name="poster"),
    path("taken/ingebed/", opportunities.embedded, name="opportunities_embedded"),
    path("taken/<uuid:opportunity_id>/", public_pages.one, name="opportunity"),
    path("taken/<uuid:opportunity_id>/graag/", start.want, name="want"),
    path(".well-known/apple-app-site-association", app_links.apple),
    path(".well-known/assetlinks.json", app_links.android),
    path("sw.js", ui.service_worker, name="service_worker"),
    path("health/live", operations.alive, name="alive"),
    path("health/ready", operations.ready, name="ready"),
    path("metrics", operations.metrics, name="metrics"),
    path("binnen/", accounts.ask_for_code, name="account_login"),
    path("binnen/code/", accounts.give_code, name="account_confirm_login_code"),
    path("binnen/tweede/", accounts.give_second_code, name="mfa_authenticate"),
    path("binnen/sleutel/", accounts.add_second_factor, name="mfa_activate_totp"),
    path("binnen/sleutel/codes/", accounts.recovery_codes, name="mfa_view_recovery_codes"),
    path("binnen/toestellen/", accounts.devices, name="usersessions_list"),
    path("binnen/opnieuw/", accounts.show_again, name="account_reauthenticate"),
    path("binnen/opnieuw/toestel/", accounts.show_passkey_again, name="mfa_reauthenticate_webauthn"),
    path("binnen/toestel/", accounts.come_in_with_passkey, name="mfa_login_webauthn"),
    path("binnen/toestel/nieuw/", accounts.add_passkey, name="mfa_add_webauthn"),
    path("binnen/toestel/<int:pk>/weg/", accounts.remove_passkey, name="mfa_remove_webauthn"),
    path("binnen/via/los/", accounts.disconnect, name="socialaccount_connections"),
    path("binnen/via/<slug:provider_id>/", accounts.to_provider, name="openid_connect_login"),
    path("binnen/via/<slug:provider_id>/terug/", accounts.from_provider, name="openid_connect_callback"),
    path("thuis/", accounts.home, name="home"),
    path("binnen/<str:name>/<str:token>/", accounts.sign_in, name="sign_in"),
    path("buiten/", accounts.sign_out, name="sign_out"),
    path("v/<str:token>/", links.proposal, name="proposal"),
    path("v/<str:token>/antwoord/", links.answer, name="answer"),
    path("v/<str:token>/moment/", links.moment, name="moment"),
    path("v/<str:token>/agenda.ics", links.appointment, name="appointment"),
    path("v/<str:token>/vraag/", links.question, name="question"),
    path("v/<str:token>/nota/", links.note, name="note"),
    path("v/<str:token>/papieren/", formality_pages.papers, name="papers"),
    path("v/<str:token>/papieren/formulier.pdf", formality_pages.sheet, name="papers_sheet"),
    path("v/<str:token>/duo/", links.together, name="together"),
    path("v/<str:token>/buddy/", links.be_buddy, name="be_buddy"),
    path("v/<str:token>/grenzen/", links.boundaries, name="told_boundaries"),
    path("v/<str:token>/waarom/", links.why_not, name="why_not"),
    path("v/<str:token>/samen/", links.company, name="company"),
    path("v/<str:token>/rust/", links.rest, name="rest"),
    path("t/<str:token>/", links.how_is_it, name="how_is_it"),
    path("n/<str:token>/", links.still_there, name="still_there"),
    path("berichten/sms/<str:secret>/", sms, name="sms_in"),
    path("uit/<str:token>/", unsubscribe, name="unsubscribe"),
    path("o/<str:token>/", links.candidate, name="candidate"),
    path("o/<str:token>/welkom/", links.welcome, name="welcome"),
    path("o/<str:token>/antwoord/", links.answer_question, name="answer_question"),
    path("ik/", pages.mine, name="mine"),
    path("ik/bedankt/<uuid:thanks_id>/", pages.hide_thanks, name="hide_thanks"),
    path("ik/verhaal/", story_pages.mine, name="my_stories"),
    path("ik/verhaal/<uuid:story_id>/weg/", story_pages.take_back, name="take_story_back"),
    path("samen/", duo_pages.join, name="join_pair"),
    path("ik/momenten/", shift_pages.mine, name="my_shifts"),
    path("ik/momenten.ics", shift_pages.as_calendar, name="my_shifts_calendar"),
    path("ik/momenten/<uuid:own_shift_id>/", shift_pages.place, name="shift_place"),
    path("ik/muntjes/", token_pages.mine, name="my_tokens"),
    path("ik/leren/", goal_pages.mine, name="my_goals"),
    path("ik/leren/<uuid:goal_id>/weg/", goal_pages.drop, name="drop_goal"),
    path("ik/uren/", engagements.mine, name="my_engagements"),
    path("ik/uren/<uuid:placement_id>/plafond/", engagements.raised_ceiling, name="raised_ceiling"),
    path("ik/uren/<uuid:placement_id>/attest.<slug:kind>", engagements.certificate, name="my_certificate"),
    path("attest/sleutels.json", engagements.keys, name="badge_keys"),
    path("attest/<slug:city_slug>/", engagements.issuer, name="badge_issuer"),
    path("ik/berichten/", my_messages, name="my_messages"),
    path("org/", pages.organisation, name="organisation"),
    path("org/steun/", support_pages.requests, name="support"),
    path("org/steun/<uuid:request_id>/", support_pages.act, name="support_act"),
    path("org/<uuid:organisation_id>/plekken/", location_pages.own, name="locations"),
    path("org/<uuid:organisation_id>/plekken/<uuid:part_id>/", location_pages.change, name="location_change"),
    path("org/<uuid:organisation_id>/muntjes/", work_token_pages.at_work, name="tokens_at_work"),
    path("org/<uuid:organisation_id>/momenten/", work_shift_pages.at_work, name="shifts"),
    path("org/<uuid:organisation_id>/momenten/<uuid:shift_id>/", work_shift_pages.done, name="shift_done"),
    path("org/<uuid:organisation_id>/momenten/<uuid:shift_id>/weg/", work_shift_pages.cancel, name="shift_cancel"),
    path("org/<uuid:organisation_id>/uren/", days.at_work, name="engagements"),
    path("org/<uuid:organisation_id>/uren/<uuid:goal_id>/geleerd/", days.learned, name="goal_learned"),
    path("org/<uuid:organisation_id>/uren/plafond/", days.raise_ceiling, name="raise_ceiling"),
    path("org/<uuid:organisation_id>/uren/<uuid:engagement_id>/weg/", days.take_away, name="engagement_take_away"),
    path("org/<uuid:organisation_id>/uren/<uuid:engagement_id>/klopt/", days.agree, name="engagement_agree"),
    path("org/<uuid:organisation_id>/<slug:what>-<int:year>.<slug:kind>", days.as_list, name="engagement_list"),
    path("org/<uuid:organisation_id>/kaart/", organisations.card, name="organisation_own_card"),
    path("org/<uuid:organisation_id>/foto/", organisations.photo_of_front, name="organisation_own_photo"),
    path("org/<uuid:organisation_id>/team/", organisations.team, name="organisation_team"),
    path("org/<uuid:organisation_id>/team/<uuid:member_id>/weg/", organisations.leave_team, name="leave_organisation"),
    path("org/taken/<uuid:opportunity_id>/kandidaten/", candidate_pages.candidates_of, name="candidates"),
    path("org/kandidaten/<uuid:proposal_id>/nodig-uit/", candidate_pages.invite, name="candidate_invite"),
    path("org/kandidaten/<uuid:proposal_id>/niet-voor-ons/", candidate_pages.decline, name="candidate_decline"),
    path("org/kandidaten/<uuid:proposal_id>/welkom/", candidate_pages.welcome, name="candidate_welcome"),
    path("org/kandidaten/<uuid:proposal_id>/nota/", candidate_pages.note, name="candidate_note"),
    path("org/kandidaten/<uuid:proposal_id>/kwam/", candidate_pages.attended, name="candidate_attended"),
    path("org/kandidaten/<uuid:proposal_id>/afspraak/", candidate_pages.agreement, name="candidate_agreement"),
    path(
        "org/kandidaten/<uuid:proposal_id>/afspraak.pdf",
        candidate_pages.agreement_paper,
        name="agreement_paper",
    ),
    path("org/kandidaten/<uuid:proposal_id>/uittreksel/", candidate_pages.extract, name="candidate_extract"),
    path("org/kandidaten/<uuid:proposal_id>/buddy/", candidate_pages.buddy, name="candidate_buddy"),
    path("org/kandidaten/<uuid:proposal_id>/bedankt/", candidate_pages.thank, name="candidate_thank"),
    path("org/kandidaten/<uuid:proposal_id>/doorverwijzen/", candidate_pages.refer, name="refer"),
    path("org/taken/nieuw/", posting.new, name="posting_new"),
    path("org/taken/<uuid:opportunity_id>/wat/", posting.what, name="posting_what"),
    path("org/taken/<uuid:opportunity_id>/wanneer/", posting.when, name="posting_when"),
    path("org/taken/<uuid:opportunity_id>/wie/", posting.who, name="posting_who"),
    path("org/taken/<uuid:opportunity_id>/drempel/", posting.start, name="posting_start"),
    path("org/taken/<uuid:opportunity_id>/reden/", posting.why_restricted, name="why_restricted"),
    path("org/taken/<uuid:opportunity_id>/offline/", posting.offline, name="posting_offline"),
    path("org/taken/<uuid:opportunity_id>/online/", pages.publish, name="publish"),
    path("coordinatie/", coordination.today, name="today"),
    path("coordinatie/mensen/", matches.people, name="people"),
    path("coordinatie/mensen/<uuid:volunteer_id>/", matches.person, name="person_matches"),
    path("coordinatie/taken/", matches.opportunities_list, name="opportunities_at_point"),
    path("coordinatie/taken/<uuid:opportunity_id>/", matches.opportunity, name="opportunity_matches"),
    path("coordinatie/taken/<uuid:opportunity_id>/nakijken/", matches.review, name="review"),
    path("coordinatie/voorstellen/", matches.proposals, name="proposals_at_point"),
    path("coordinatie/voorstellen/nieuw/", matches.propose, name="propose_by_hand"),
    path("coordinatie/verdeling/", planning.planned_rounds, name="planned_rounds"),
    path("coordinatie/verdeling/<uuid:planned_id>/", planning.planned_round, name="planned_round"),
    path("coordinatie/verdeling/<uuid:planned_id>/beslis/", planning.decide, name="planned_round_decide"),
    path("coordinatie/gaten/", coordination.gaps, name="gaps"),
    path("coordinatie/kaart/", coordination.need, name="need"),
    path("coordinatie/spreiding/", coordination.spread, name="spread"),
    path("coordinatie/team/", coordination.team, name="team"),
    path("coordinatie/team/<uuid:role_id>/weg/", coordination.leave_team, name="leave_team"),
    path("coordinatie/berichten/", coordination.stuck, name="stuck"),
    path("coordinatie/berichten/<uuid:pk>/", coordination.unstick, name="unstick"),
    path("coordinatie/werklijst/", worklist_pages.worklist, name="worklist"),
    path("coordinatie/werklijst/neem/", worklist_pages.take_line, name="take_line"),
    path("coordinatie/werklijst/<uuid:pk>/", worklist_pages.close_case, name="close_case"),
    path("coordinatie/meldingen/", coordination.reports, name="reports"),
    path("coordinatie/meldingen/<uuid:pk>/", coordination.answer_report, name="answer_report"),
    path("coordinatie/signalen/", work_pages.signals, name="signals_at_point"),
    path("coordinatie/signalen/<uuid:signal_id>/", work_pages.bundle, name="signal_bundle"),
    path("coordinatie/signalen/groep/<uuid:group_id>/", work_pages.move, name="signal_move"),
    path("coordinatie/steun/", work_pages.support, name="support_at_point"),
    path("coordinatie/steun/<uuid:request_id>/", work_pages.offer, name="support_offer"),
    path("coordinatie/verhalen/", work_pages.stories, name="stories_at_point"),
    path("coordinatie/verhalen/<uuid:story_id>/", work_pages.publish_story, name="story_publish"),
    path("coordinatie/verslag/", city_report.report, name="city_report"),
    path("coordinatie/verslag.<slug:kind>", city_report.as_table, name="city_report_table"),
    path("coordinatie/vormingen/", work_pages.trainings, name="trainings_at_point"),
    path("coordinatie/vormingen/<uuid:place_id>/", work_pages.attendance, name="training_attendance"),
    path("coordinatie/muntjes/", work_token_pages.at_point, name="tokens_at_point"),
    path("coordinatie/peilingen/", work_poll_pages.at_point, name="polls_at_point"),
    path("coordinatie/inlezen/", incoming_pages.incoming, name="incoming"),
    path("coordinatie/organisaties/", talk_pages.organisations, name="organisations_at_point"),
    path("coordinatie/organisaties/<uuid:organisation_id>/", talk_pages.organisation, name="organisation_at_point"),
    path("coordinatie/organisaties/<uuid:organisation_id>/kennen/", talk_pages.know, name="organisation_know"),
    path("coordinatie/organisaties/<uuid:organisation_id>/ontwerp/", talk_pages.draft, name="draft_for_organisation"),
    path("coordinatie/kennis/", talk_pages.at_point, name="knowledge_at_point"),
    path("coordinatie/kennis/<uuid:page_id>/", talk_pages.look_at, name="knowledge_look_at"),
    path("kennis/", talk_pages.pages, name="knowledge"),
    path("kennis/<uuid:page_id>/", talk_pages.one_page, name="knowledge_page"),
    path("org/talenten/", talent_guide_pages.guide, name="talent_guide"),
    path("org/talenten/<uuid:card_id>/", talent_guide_pages.invite, name="talent_guide_invite"),
    path("ik/kaart/talentgids/", start.in_talent_guide, name="in_talent_guide"),
    path("org/kennis/", talk_pages.offer, name="knowledge_offer"),
    path("coordinatie/oproepen/", coordination.campaigns, name="campaigns"),
    path("coordinatie/oproepen/kaart.pdf", coordination.thanks_card, name="thanks_card"),
    path("coordinatie/online/", coordination.publish, name="publish_drafts"),
    path("balie/", desk.desk, name="desk"),
    path("balie/nieuw/", desk.new, name="desk_new"),
    path("balie/klaar/", desk.clear, name="desk_clear"),
    path("balie/mensen/<uuid:volunteer_id>/", desk.person, name="desk_person"),
    path("balie/mensen/<uuid:volunteer_id>/kaart/", desk.print_card, name="desk_print"),
    path("balie/mensen/<uuid:volunteer_id>/wis/", desk.erase, name="desk_erase"),
    path("balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/papieren/", desk.papers, name="desk_papers"),
    path("balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/c45b.pdf", desk.papers_sheet, name="desk_papers_sheet"),
    path("balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/attest.pdf", desk.certificate, name="desk_certificate"),
    path("balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/nota/", desk.note, name="desk_note"),
    path("balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/", desk.answer, name="desk_answer"),
    path("toeleider/", guide.people, name="guided_people"),
    path("balie/mensen/<uuid:volunteer_id>/samen/", desk.join, name="desk_join"),
    path("balie/mensen/<uuid:volunteer_id>/alles/", desk.everything, name="desk_everything"),
    path("ik/kaart/beroep/", start.profession, name="my_profession"),
    path("k/", desk.type_code, name="type_code"),
    path("k/klaar/", desk.take_over, name="take_over"),
    path("k/<str:code>/", desk.printed_card, name="printed_card"),
    path("balie/bellijst/", coordination.call_sheet, name="call_sheet"),
    path("balie/bellijst/<uuid:delivery_id>/brief/", coordination.letter, name="letter"),
    path("balie/bellijst/<uuid:delivery_id>/", coordination.called, name="called"),
    # A version that is only "v1": `<version>` would swallow /api/schema/ too.
    re_path(r"^api/(?P<version>v1)/", include([*api, *router.urls])),
    path("_allauth/", include(("backend.accounts.app_urls", "headless"))),
    path("api/schema/", DocumentView.as_view(api_version="v1"), name="schema"),
    path(
        "api/schema/3.0/",
        DocumentView.as_view(api_version="v1", custom_settings={"OAS_VERSION": "3.0.3"}),
        name="schema_3_0",
    ),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
# Names that allauth looks for when it sends somebody on: pages of ours that serve as well.
urlpatterns += [
    path("", ui.front, name="account_signup"),
    path("binnen/", accounts.ask_for_code, name="account_request_login_code"),
    path("binnen/", accounts.ask_for_code, name="account_inactive"),
    path("thuis/", accounts.home, name="mfa_index"),
    path("thuis/", accounts.home, name="mfa_deactivate_totp"),
    path("binnen/opnieuw/", accounts.show_again, name="mfa_reauthenticate"),
    path("binnen/toestellen/", accounts.devices, name="mfa_list_webauthn"),
    path("binnen/", accounts.ask_for_code, name="socialaccount_login_cancelled"),
    path("binnen/", accounts.ask_for_code, name="socialaccount_signup"),
]
if settings.EMAIL_PROVIDER:  # where it tells what became of a mail
    urlpatterns.append(path("berichten/mail/", include("anymail.urls")))
handler403 = "backend.accounts.pages.second_factor_needed"
handler404 = "backend.ui.pages.not_found"
handler500 = "backend.ui.pages.our_fault"
