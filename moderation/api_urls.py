"""The API's addresses of comments, whose answers show verdicts."""

from django.urls import path

from moderation.api import CommentsView, CommentView
from moderation.check_api import CheckView

urlpatterns = [
    path("comments/", CommentsView.as_view(), name="api-comments"),
    path("comments/check/", CheckView.as_view(), name="api-check"),
    path("comments/<uuid:public_id>/", CommentView.as_view(), name="api-comment"),
]
