"""A run whose file can be reached once more: gone on with, or its refused rows read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from comments import imports
from comments.formats.encoding import Encoding
from comments.imports.mended import OnlyProblemsOf
from comments.imports.source import Chooser, Source, digest_of, find_format, readable
from comments.models import ImportRun


def reachable(run: ImportRun) -> bool:
    """Whether this machine has the run's file under the name that the run was given.

    A name that is not whole depends on the folder of the shell that it was typed in.
    """
    path = Path(run.path)
    try:
        return path.is_absolute() and (path.is_file() or path.is_dir())
    except OSError:
        return False


def source_of(run: ImportRun, path: Path) -> Source:
    """The file at `path`, to be understood as the run began. Raises `Unreadable`."""
    only = run.options.get("only_problems_of")
    return _source(run, path, OnlyProblemsOf(only) if only else None)


def go_on(run_id: int) -> ImportRun:
    """Go on with an unfinished run, whose file is where it was; the run as it then stands.

    Raises `Unreadable`, `NotResumable`, `Busy`, `TakenOver`.
    """
    run = ImportRun.objects.select_related("source").get(pk=run_id)
    with readable(run.path) as path:
        source = source_of(run, path)
        return imports.execute(imports.resume(run.pk, source.digest), source)


def problems_again(run_id: int, begun: Callable[[ImportRun], None] = lambda _: None) -> ImportRun:
    """A new run over the mended file of a run, of what that one had refused; as it ended.

    `begun` is called with the new run. Raises `Unreadable`, `Busy`, `TakenOver`.
    """
    run = ImportRun.objects.select_related("source__site").get(pk=run_id)
    with readable(run.path) as path:
        source = _source(run, path, OnlyProblemsOf(run_id))
        new = imports.begin(run.source.site, run.source.slug, source.wanted(run.policy))
        begun(new)
        return imports.execute(new, source)


def _source(run: ImportRun, path: Path, only: Chooser | None) -> Source:
    options = run.options
    return Source(
        path=path,
        name=run.path,
        digest=digest_of(path),
        format=find_format(path, run.format),
        zone=options["zone"],
        url=options.get("url", ""),
        columns=options.get("columns", {}),
        encoding=Encoding(options.get("encoding", ""), options.get("confidence", 1.0)),
        only=only,
    )
