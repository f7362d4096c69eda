"""Personal data is masked for everybody; who may see it asks for it page by page, and that is recorded.

The wish stands in the address, so that the record is written by the very
request that sends the data, however often the page is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.translation import gettext

from comments.masking import may_see_personal_data

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

SHOW = "personal=show"


def reveals(request: HttpRequest) -> bool:
    """Whether this page shows personal data in full: he may see it and asks for it."""
    return request.GET.get("personal") == "show" and may_see_personal_data(request.user)


def may_reveal(request: HttpRequest) -> bool:
    """Whether the page offers to show it."""
    return may_see_personal_data(request.user) and not reveals(request)


def reveal_link(request: HttpRequest) -> SafeString | str:
    """The way to the same page with the data in full; that it is recorded stands beside it."""
    if reveals(request):
        return gettext("Shown. Who saw it is recorded.")
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 underline" id="reveal" href="?{}">{}</a> {}',
        SHOW,
        gettext("Show personal data"),
        gettext("Who saw it is recorded."),
    )
