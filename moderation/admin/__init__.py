"""The admin of what we think of it: the desk, rules, word lists, the log, imports taken back."""

from django.contrib import admin

from moderation.admin import comments, decisions, import_runs, reasons, rules, sanctions, tryouts, word_lists

__all__ = [
    "comments",
    "decisions",
    "import_runs",
    "reasons",
    "rules",
    "sanctions",
    "tryouts",
    "word_lists",
]

# What waits stands before the list of everything.
admin.site.index_template = "moderation/front.html"
