"""Addresses of accounts: sign-in (django-allauth's views), organisations, mandates, roles, accounts."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as factor_views
from django.urls import path, re_path

from accounts.views import account, claims, factor, invitations, organisations, people, roles, sessions
from accounts.views.entrance import kindly

urlpatterns = [
    path("connexion/", kindly(allauth_views.login), name="account_login"),
    path("connexion/code/", kindly(allauth_views.request_login_code), name="account_request_login_code"),
    path(
        "connexion/code/confirmer/",
        kindly(allauth_views.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path("connexion/authentification/", kindly(factor_views.authenticate), name="mfa_authenticate"),
    path("connexion/suspendu/", kindly(allauth_views.account_inactive), name="account_inactive"),
    path("deconnexion/", kindly(allauth_views.logout), name="account_logout"),
    path("inscription/", kindly(allauth_views.signup), name="account_signup"),
    path(
        "inscription/code/",
        kindly(allauth_views.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path("mot-de-passe/", kindly(allauth_views.password_change), name="account_change_password"),
    path("mot-de-passe/choisir/", kindly(allauth_views.password_set), name="account_set_password"),
    path("mot-de-passe/oublie/", kindly(allauth_views.password_reset), name="account_reset_password"),
    path(
        "mot-de-passe/envoye/", kindly(allauth_views.password_reset_done), name="account_reset_password_done"
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        kindly(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/change/",
        kindly(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("mot-de-passe/encore/", kindly(allauth_views.reauthenticate), name="account_reauthenticate"),
    path("mot-de-passe/encore/code/", kindly(factor_views.reauthenticate), name="mfa_reauthenticate"),
    path("mon-compte/double-authentification/", factor.home, name="factor"),
    path("mon-compte/double-authentification/activer/", kindly(factor.enrol), name="factor_enrol"),
    path("mon-compte/double-authentification/qr.svg", factor.image, name="factor_image"),
    path("mon-compte/double-authentification/codes/", factor.codes, name="factor_codes"),
    path("mon-compte/double-authentification/codes/fichier/", factor.codes_file, name="factor_codes_file"),
    path("mon-compte/double-authentification/codes/renouveler/", factor.renew, name="factor_renew"),
    path("mon-compte/double-authentification/desactiver/", kindly(factor.off), name="factor_off"),
    path("mon-compte/sessions/", sessions.page, name="my_sessions"),
    path("mon-compte/sessions/<int:pk>/terminer/", sessions.end, name="end_session"),
    path("mon-compte/sessions/terminer/", sessions.end_others, name="end_other_sessions"),
    path("mon-compte/", account.home, name="account_home"),
    path("mon-compte/courriel/", account.email, name="account_email"),
    path("organisations/", organisations.mine, name="organisations"),
    path("organisations/rattacher/", organisations.search, name="claim_search"),
    path("organisations/rattacher/<int:pk>/", organisations.claim, name="claim_organisation"),
    path("organisations/<int:pk>/personnes/", people.page, name="organisation_people"),
    path("organisations/<int:pk>/coordonnees/", people.contact, name="organisation_contact"),
    path("organisations/<int:pk>/personnes/inviter/", people.invite, name="invite_member"),
    path("personnes/mandats/<int:pk>/retirer/", people.remove, name="remove_member"),
    path("personnes/mandats/<int:pk>/ceder/", people.hand_over, name="hand_over"),
    path("personnes/mandats/<int:pk>/remplacer/", people.replace, name="replace_signatory"),
    path("invitations/<int:pk>/annuler/", invitations.cancel, name="cancel_invitation"),
    path("invitation/", invitations.landing, name="invitation"),
    path("invitation/<str:token>/", invitations.open_link, name="invitation_open"),
    path("mandats/", claims.waiting, name="claims"),
    path("mandats/<int:pk>/", claims.page, name="claim"),
    path("mandats/<int:pk>/confirmer/", claims.confirm, name="confirm_claim"),
    path("mandats/<int:pk>/refuser/", claims.refuse, name="refuse_claim"),
    path("roles/", roles.index, name="role_people"),
    path("roles/<str:label>/<int:pk>/", roles.page, name="object_roles"),
    path("roles/<str:label>/<int:pk>/retirer/", roles.take, name="take_role"),
    path("roles/propositions/<int:pk>/approuver/", roles.approve, name="approve_role"),
    path("roles/propositions/<int:pk>/refuser/", roles.refuse, name="refuse_role"),
    path("repertoire/", organisations.directory, name="directory"),
    path("repertoire/nouveau/", organisations.create, name="organisation_create"),
    path("repertoire/<int:pk>/", organisations.detail, name="organisation"),
    path("comptes/", account.accounts, name="accounts"),
    path("comptes/nouveau/", account.create, name="account_create"),
    path("comptes/<int:pk>/", account.detail, name="account_detail"),
    path("comptes/<int:pk>/suspendre/", account.suspend, name="suspend_account"),
    path("comptes/<int:pk>/retablir/", account.reinstate, name="reinstate_account"),
    path("comptes/<int:pk>/debloquer/", account.unlock, name="unlock_account"),
    path("comptes/<int:pk>/facteur/", sessions.reset_factor, name="reset_factor"),
    path("comptes/<int:pk>/sessions/", sessions.end_account, name="end_account_sessions"),
]
