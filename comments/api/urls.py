"""The API's addresses of articles and of tokens for forms. Addresses end with a slash."""

from django.urls import path

from comments.api.forms import FormTokenView
from comments.api.views import ArticleView

urlpatterns = [
    path("articles/", ArticleView.as_view(), name="api-articles"),
    path("form-token/", FormTokenView.as_view(), name="api-form-token"),
]
