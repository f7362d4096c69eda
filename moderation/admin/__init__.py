"""The admin of what we think of it: the desk, rules, word lists, the log, imports taken back."""

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
