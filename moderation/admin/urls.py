"""The addresses of the desk, under the admin's."""

from django.urls import path

from moderation.admin import again, desk, explained, machine_log, quote_pages, undoing

app_name = "desk"
urlpatterns = [
    path("", desk.queue, name="queue"),
    path("again/", again.view, name="again"),
    path("<int:key>/", desk.case, name="case"),
    path("<int:key>/decide/", desk.decide, name="decide"),
    path("<int:key>/seen/", desk.seen, name="seen"),
    path("why/<int:key>/", explained.why, name="why"),
    path("log/", machine_log.log, name="log"),
    path("log/<int:key>/send/", machine_log.send, name="send"),
    path("place/<int:key>/", quote_pages.place, name="place"),
    path("quoted/<int:key>/", quote_pages.quoted, name="quoted"),
    path("import/<int:key>/undo/", undoing.undo_import, name="undo_import"),
    path("undo/<int:decision>/", desk.undo, name="undo"),
]
