"""Import formats: one a file, found by content."""

from comments.formats.base import Format

FORMATS: tuple[Format, ...] = ()
