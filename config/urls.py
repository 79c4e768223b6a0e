"""Addresses of the site: French at /…, English at /en/…."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from config import health

handler400 = "web.views.bad_request"
handler500 = "web.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [  # asked by machines: one address, whatever the language
    path("sante/vivant/", health.live, name="health_live"),
    path("sante/pret/", health.ready, name="health_ready"),
    path("sante/travail/", health.work, name="health_work"),
]
urlpatterns += i18n_patterns(
    path("sante/", health.page, name="health"),
    path("", include("accounts.urls")),
    path("", include("grants.urls")),
    path("", include("applications.urls")),
    path("", include("review.urls")),
    path("", include("notifications.urls")),
    path("", include("audit.urls")),
    path("", include("web.urls")),
    prefix_default_language=False,
)
