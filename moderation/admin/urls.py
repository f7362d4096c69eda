"""The addresses of the desk, under the admin's."""

from django.urls import path

from moderation.admin import (
    acting,
    again,
    audit,
    card_sanction,
    desk,
    desk_settings,
    disagreements,
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
    path("<int:key>/", desk.case, name="case"),
    path("<int:key>/decide/", desk.decide, name="decide"),
    path("<int:key>/seen/", desk.seen, name="seen"),
    path("why/<int:key>/", explained.why, name="why"),
    path("disagreements/", disagreements.view, name="disagreements"),
    path("log/", machine_log.log, name="log"),
    path("log/<int:key>/send/", machine_log.send, name="send"),
    path("<int:key>/note/", acting.note, name="note"),
    path("<int:key>/escalate/", acting.escalate, name="escalate"),
    path("<int:key>/release/", acting.release, name="release"),
    path("<int:key>/claim/", acting.claim, name="claim"),
    path("<int:key>/leave/", acting.leave, name="leave"),
    path("<int:key>/reopen/", desk.reopen, name="reopen"),
    path("<int:key>/unrelease/", acting.unrelease, name="unrelease"),
    path("<int:key>/note/<int:note>/take-back/", acting.unnote, name="unnote"),
    path("<int:key>/sanction/", card_sanction.sanction, name="sanction"),
    path("<int:key>/sanction/<int:sanction>/lift/", card_sanction.lift, name="lift"),
    path("place/<int:key>/", quote_pages.place, name="place"),
    path("quoted/<int:key>/", quote_pages.quoted, name="quoted"),
    path("import/<int:key>/undo/", undoing.undo_import, name="undo_import"),
    path("undo/<int:decision>/", desk.undo, name="undo"),
    path("settings/", desk_settings.view, name="settings"),
    path("audit/", audit.view, name="audit"),
    path("audit/<str:form>/", audit.download, name="audit_file"),
]
