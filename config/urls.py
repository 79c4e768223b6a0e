"""Addresses of the site: French at /…, English at /en/…."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

handler400 = "web.views.bad_request"

urlpatterns = i18n_patterns(
    path("", include("accounts.urls")),
    path("", include("grants.urls")),
    path("", include("applications.urls")),
    path("", include("review.urls")),
    path("", include("notifications.urls")),
    path("", include("audit.urls")),
    path("", include("web.urls")),
    prefix_default_language=False,
)
