"""The addresses of the desk, under the admin's."""

from django.urls import path

from moderation.admin import (
    acting,
    again,
    dashboard,
    desk,
    explained,
    machine_log,
    quote_pages,
    saved_views,
    today,
    undoing,
)

app_name = "desk"
urlpatterns = [
    path("", desk.queue, name="queue"),
    path("views/", saved_views.save, name="save_view"),
    path("views/<int:key>/", saved_views.follow, name="view"),
    path("views/<int:key>/remove/", saved_views.remove, name="remove_view"),
    path("again/", again.view, name="again"),
    path("today/", today.view, name="today"),
    path("dashboard/", dashboard.view, name="dashboard"),
    path("dashboard/<slug:panel>.csv", dashboard.download, name="dashboard_csv"),
    path("<int:key>/", desk.case, name="case"),
    path("<int:key>/decide/", desk.decide, name="decide"),
    path("<int:key>/seen/", desk.seen, name="seen"),
    path("why/<int:key>/", explained.why, name="why"),
    path("log/", machine_log.log, name="log"),
    path("log/<int:key>/send/", machine_log.send, name="send"),
    path("<int:key>/note/", acting.note, name="note"),
    path("<int:key>/escalate/", acting.escalate, name="escalate"),
    path("<int:key>/release/", acting.release, name="release"),
    path("<int:key>/claim/", acting.claim, name="claim"),
    path("<int:key>/leave/", acting.leave, name="leave"),
    path("place/<int:key>/", quote_pages.place, name="place"),
    path("quoted/<int:key>/", quote_pages.quoted, name="quoted"),
    path("import/<int:key>/undo/", undoing.undo_import, name="undo_import"),
    path("undo/<int:decision>/", desk.undo, name="undo"),
]
