"""A file made ready for a run: its format, encoding and digest found, the rest as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from comments.imports.source import Source, digest_of, encoding_of, find_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person says of a file; empty means: as its content tells. `zone` is always told."""

    zone: str
    format: str = ""
    encoding: str = ""
    url: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def open_source(path: Path, name: str, told: Told) -> Source:
    """The file at `path`, which a person calls `name`. Raises `Unreadable`."""
    form = find_format(path, told.format or ("csv" if told.columns else ""), told.encoding)
    return Source(
        path=path,
        name=name,
        digest=digest_of(path),
        format=form,
        zone=told.zone,
        url=told.url,
        columns=told.columns,
        encoding=encoding_of(path, form, told.encoding),
    )
