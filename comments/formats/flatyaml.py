"""The fields of a small YAML file, as texts, by a parser's events alone.

No object is made of a tag, no alias is followed and nothing recurses, so
neither a bomb of aliases nor a deep nest costs more than its own bytes. A
plain `2017-11-02` stays a text: which time it means is for the format to say.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from comments.drafts import Refused

_NULL = {"", "~", "null", "Null", "NULL"}
# The C parser where PyYAML was built with it: fifteen times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def flat_yaml(text: str) -> dict[str, str]:
    """The scalars of a mapping by their keys; nested values are left out. Raises `Refused`."""
    try:
        return dict(_pairs(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Refused("file", "", f"is no YAML: {error.problem}{at}.", code="yaml") from None
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())[:200]
        raise Refused("file", "", f"is no YAML: {told}.", code="yaml") from None


def _pairs(events: Iterator[Any]) -> Iterator[tuple[str, str]]:
    depth, key = 0, None
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise Refused("file", "", "refers to another place (*name). Write values in full.", code="yaml")
        if isinstance(event, yaml.CollectionStartEvent):
            mapping = isinstance(event, yaml.MappingStartEvent)
            if (depth == 0 and not mapping) or (depth == 1 and key is None):
                break
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 0:
                return
            key = None if depth == 1 else key
        elif isinstance(event, yaml.ScalarEvent) and depth <= 1:
            if depth == 0:
                break
            if key is None:
                key = event.value
                continue
            null = event.implicit[0] and event.value in _NULL
            yield key, "" if null else event.value
            key = None
    raise Refused("file", "", "is no YAML mapping (name: value).", code="yaml")
