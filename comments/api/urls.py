"""The API's address of articles. Addresses end with a slash."""

from django.urls import path

from comments.api.views import ArticleView

urlpatterns = [path("articles/", ArticleView.as_view(), name="api-articles")]
