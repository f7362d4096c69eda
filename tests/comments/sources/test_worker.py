"""A schedule kept by real processes: beat rings, the worker of the queue `imports` reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.comments.sources.test_running import ROWS
from tests.processes import Up, fresh_environment, run

pytestmark = pytest.mark.stack

# An interval of a second, which no form lets in, rings as beat does for every other.
PREPARE = """
import sys
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from comments.models import ImportSource, Site
from comments.sources.schedules import Rhythm, put_rhythm
site = Site.objects.create(slug="hashi", name="Hashi")
source = ImportSource.objects.create(site=site, slug="folder", address={address!r})
put_rhythm(source, Rhythm(every=1, period="days"), timezone.now())
ImportSource.objects.update(due_at=timezone.now())
task = PeriodicTask.objects.get(name=f"import-source-{{source.pk}}")
task.interval = IntervalSchedule.objects.create(every=1, period="seconds")
task.save()
"""
RESULT = """
import json
from comments.models import ImportRun, ImportSource
run, source = ImportRun.objects.get(), ImportSource.objects.get()
created = run.counts["comments"]["created"]
print(json.dumps([run.status, run.path, created, source.claimed_until, source.failures]))
"""


def test_beat_rings_and_the_worker_of_imports_reads(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    path = tmp_path / "incoming" / "a.jsonl"
    path.write_bytes(ROWS)
    bare = {**fresh_environment(tmp_path), "IMPORT_FOLDERS": str(path.parent)}
    up = Up(bare)
    try:
        up.read_until("Ready: ")
        environment = {**bare, **json.loads((Path(bare["DATA_DIR"]) / "stack.json").read_text())}
        prepared = run(environment, "shell", "-c", PREPARE.format(address=str(path)))
        assert prepared.returncode == 0, prepared.stderr
        line = up.read_until("is read: 1 runs, 0 faults")
        assert line.startswith("imports ")
        told = run(environment, "shell", "-c", RESULT)
    finally:
        up.stop()
    # Its later rings find nothing due.
    assert json.loads(told.stdout.splitlines()[-1]) == ["done", str(path), 1, None, 0]
