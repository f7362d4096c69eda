from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

def display(
    function: None = None,
    *,
    boolean: bool | None = None,
    ordering: str | None = None,
    description: Any = None,
    empty_value: str | None = None,
    label: bool | str | dict[str, str] | None = None,
    header: bool | None = None,
) -> Callable[[_F], _F]: ...
