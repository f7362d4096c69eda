"""The admin of what we think of it: the desk, rules, word lists, the log."""

from moderation.admin import comments, decisions, reasons, rules, word_lists

__all__ = ["comments", "decisions", "reasons", "rules", "word_lists"]
