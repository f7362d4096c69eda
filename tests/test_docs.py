"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from comments import counters

TOP = Path(__file__).resolve().parents[1]
READERS = re.compile(r"env\.(?:text|flag|integer|words)\(\s*\"([A-Z_]+)\"|os\.environ\.get\(\"([A-Z_]+)\"")
# Read by the readers' own defaults.
BY_DEFAULT = {"DATABASE_URL", "DATABASE_PASSWORD", "REDIS_URL"}
# What a terminal sets for every program, and what `manage.py up` sets for the processes that it starts.
NOT_OURS = {"NO_COLOR", "BASE_URL"}


def settings_read() -> set[str]:
    """The names of all settings that the code reads."""
    found = {
        name
        for path in (TOP / "config").rglob("*.py")
        for names in READERS.findall(path.read_text(encoding="utf-8"))
        for name in names
        if name
    }
    return (found | BY_DEFAULT) - NOT_OURS


def documented(heading: str) -> set[str]:
    """The names in the first column of the table under a heading of docs/operations.md."""
    text = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_setting_is_documented_and_every_documented_one_read() -> None:
    assert documented("Settings") == settings_read()


def test_every_figure_is_documented() -> None:
    counted = {f"{counter.name}_total" for counter in counters.COUNTERS}
    counted |= {histogram.name for histogram in counters.HISTOGRAMS}
    assert counted <= documented("Figures")


@pytest.mark.parametrize("service", ["migrate", "web", "worker", "imports", "beat"])
def test_the_compose_file_sets_only_what_is_read(service: str) -> None:
    compose = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
    names = {name.removesuffix("_FILE") for name in compose["services"][service]["environment"]}
    assert names <= settings_read()
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "AUTHOR_KEY_SECRET"} <= names


def test_the_example_sets_what_the_compose_file_asks_for() -> None:
    compose = (TOP / "docker-compose.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)[:?-]", compose)) - {"SEKISHO_VERSION"}
    example = (TOP / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == asked


def test_the_image_runs_what_the_compose_file_names() -> None:
    compose = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
    ours = [compose["services"][name] for name in ("migrate", "web", "worker", "imports", "beat")]
    assert len({service["image"] for service in ours}) == 1
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert compose["services"]["db"]["volumes"] == ["db:/var/lib/postgresql"]
    for name in compose["services"]["web"]["secrets"]:
        assert compose["secrets"][name]["file"] == f"./secrets/{name}"
