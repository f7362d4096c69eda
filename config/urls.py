"""Every address: the admin, the API, and what machines ask."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from comments.api.problems import unknown_path
from config import health, metrics
from moderation.admin import desk_settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/desk/", include("moderation.admin.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", desk_settings.set_language),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("api/v1/", include("comments.api.urls")),
    path("api/v1/", include("moderation.api_urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    re_path("^api/", unknown_path),
]

handler400 = "comments.api.problems.bad_request"
handler403 = "comments.api.problems.permission_denied"
handler404 = "comments.api.problems.page_not_found"
handler500 = "comments.api.problems.server_error"
