"""CEL, Google's Common Expression Language: compile what a person typed, or say in words what is wrong."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from cel_expr_python import cel

from moderation.checks.base import Refused
from moderation.checks.expression_facts import FACTS, TYPICAL
from moderation.checks.regex import must_be_regex

MOST_CHARACTERS = 2_000
# What people type who know another language, and what CEL has for it.
_INSTEAD = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "=": "==",
    "&": "&&",
    "|": "||",
    "True": "true",
    "False": "false",
}
_OPERATORS = {"@in": "in", "-_": "-", "!_": "!", "_?_:_": "? :", "_[_]": "[ ]"}

# The tokens of CEL that must be told apart here: comments, texts (raw, triple, plain), names.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:\\.|[^"\\\n])*\"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\S)""",
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"<input>:(\d+):(\d+): (.*)")
_NO_OVERLOAD = re.compile(r"found no matching overload for '(?P<name>[^']+)' applied to '\((?P<types>.*)\)'")
# What CEL puts around the sentence that says what failed.
_STATUS = re.compile(r"^The expression cannot be evaluated: |\b[A-Z_]+: | \[[A-Z_]+\]$")
_NO_KEY = re.compile(r'Key not found in map : "(?P<name>[^"]*)"')
_NESTED = re.compile(r"recursion limit exceeded\. limit: (?P<most>\d+)")
_UNDECLARED = re.compile(r"undeclared reference to '(?P<name>[^']+)'")

_TYPES: Mapping[str, Any] = {
    "string": cel.Type.STRING,
    "int": cel.Type.INT,
    "bool": cel.Type.BOOL,
    "timestamp": cel.Type.TIMESTAMP,
    "list(string)": cel.Type.List(cel.Type.STRING),
    "map(string, int)": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
}


def compile_expression(source: str) -> Any:
    """The compiled expression, which gives true or false. Raises `Refused` with the place and the reason."""
    if not source.strip():
        raise _refused("式を書いてください。", "Write an expression.")
    if len(source) > MOST_CHARACTERS:
        raise _refused(
            f"式は{MOST_CHARACTERS:,}文字までです（{len(source):,}文字あります）。",
            f"An expression may have {MOST_CHARACTERS:,} characters, not {len(source):,}.",
        )
    try:
        made = _environment().compile(source)
    except (RuntimeError, TypeError) as error:
        raise _explained(source, str(error)) from error
    if made.return_type() != cel.Type.BOOL:
        given = made.return_type().name().lower()
        raise _refused(
            f"式の値は{given}です。true か false になる式（比較など）を書いてください。",
            f"The expression gives {given}; it must give true or false, as a comparison does.",
        )
    for regex in _regexes(source):
        must_be_regex("expression", regex)
    _must_have_an_answer(made)
    return made


def _must_have_an_answer(made: Any) -> None:
    """Raise `Refused` for what fails on comments of either kind, for all would be held.

    What `quotes` has is always the same: a name that it has not is a slip, on whichever comment it is met.
    """
    failed = [_STATUS.sub("", error) for facts in TYPICAL if (error := _failure(made, facts))]
    for error in failed:
        if missing := _NO_KEY.search(error):
            raise _of_count(missing["name"])
    if len(failed) == len(TYPICAL):
        raise _refused(
            f"どのコメントでも計算できず、すべて保留になります：{failed[0]}",
            f"It cannot be evaluated on any comment, so all would be held: {failed[0]}",
        )


def _failure(made: Any, facts: Mapping[str, Any]) -> str:
    try:
        holds(made, facts)
    except (RuntimeError, ValueError) as error:
        return str(error)
    return ""


def _of_count(name: str) -> Refused:
    known = next(iter(TYPICAL))["quotes"]
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    meant = (f"「{near[0]}」ですか。", f"Do you mean {near[0]}? ") if near else ("", "")
    names = ", ".join(known)
    return _refused(
        f"quotesに「{name}」はありません。{meant[0]}使えるもの：{names}。",
        f"quotes has no {name}. {meant[1]}It has {names}.",
    )


def holds(made: Any, values: Mapping[str, Any]) -> bool:
    """What the expression gives. Raises ValueError where it cannot say: CEL's errors come as values."""
    given = made.eval(data=values)
    if given.type() != cel.Type.BOOL:
        raise ValueError(f"The expression cannot be evaluated: {given.value()}")
    return bool(given.value())


def names_of(source: str) -> frozenset[str]:
    """The facts that an expression names. One that stands for something else there does no harm."""
    return frozenset(token["name"] for token in _tokens(source) if token["name"] in FACTS)


@cache
def _environment() -> Any:
    return cel.NewEnv(variables={name: _TYPES[fact.type] for name, fact in FACTS.items()})


def _tokens(source: str) -> Iterator[re.Match[str]]:
    return (token for token in _TOKEN.finditer(source) if token["comment"] is None)


def _regexes(source: str) -> Iterator[str]:
    """What `matches` is given: CEL tells of a wrong one only with a comment. Raises `Refused`."""
    tokens = list(_tokens(source))
    for at, token in enumerate(tokens):
        following = [each[0] for each in tokens[at + 1 : at + 4]]
        if token["name"] != "matches" or following[:1] != ["("]:
            continue
        literal = tokens[at + 2] if len(following) == 3 and following[2] == ")" else None
        if literal is None or literal["text"] is None:
            line, column = _line_and_column(source, token.start())
            raise _refused(
                "matches には引用符で囲んだ正規表現を一つだけ書きます。例：folded.matches('副業.{0,6}万')",
                "matches takes one regular expression in quotation marks: folded.matches('win.{0,6}cash').",
                line,
                column,
            )
        # CEL itself says what a literal with escapes stands for.
        yield str(cel.NewEnv().compile(literal[0]).eval().value())


def _explained(source: str, message: str) -> Refused:
    """CEL's first complaint, in words."""
    found = _PLACE.search(message)
    if nested := _NESTED.search(message):
        return _refused(
            f"括弧の入れ子が深すぎます（{nested['most']}段まで）。",
            f"Brackets stand too deep in each other; {nested['most']} levels are allowed.",
        )
    if not found:
        return _refused(f"式を読めません：{message}", f"The expression cannot be read: {message}")
    line, column, told = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    if undeclared := _UNDECLARED.match(told):
        ja, en = _of_unknown(undeclared["name"], source, line, column)
    elif overload := _NO_OVERLOAD.match(told):
        name = _OPERATORS.get(overload["name"], overload["name"].strip("_"))
        ja, en = (
            f"「{name}」は（{overload['types']}）には使えません。",
            f"{name} does not go with ({overload['types']}).",
        )
    elif told.startswith("Syntax error"):
        ja, en = _of_syntax(source, line, column)
    else:
        ja, en = f"式が正しくありません：{told}", f"The expression is wrong: {told}"
    return _refused(ja, en, line, column)


def _of_unknown(name: str, source: str, line: int, column: int) -> tuple[str, str]:
    if _rest(source, line, column).startswith("("):
        known = "size, contains, startsWith, endsWith, matches, exists, all"
        return (
            f"関数「{name}」はありません。使えるもの：{known}など。",
            f"There is no function {name}; there are {known}.",
        )
    if name in _INSTEAD:
        return (
            f"「{name}」ではなく「{_INSTEAD[name]}」と書きます。",
            f"Write {_INSTEAD[name]} and not {name}.",
        )
    # Whoever writes `comment.body` means the fact that it ends in.
    tail = name.lower().rpartition(".")[2]
    near = [tail] if tail in FACTS else get_close_matches(name.lower(), FACTS, n=1, cutoff=0.5)
    if near:
        return (
            f"変数「{name}」はありません。「{near[0]}」ですか。",
            f"There is no variable {name}; do you mean {near[0]}?",
        )
    known = ", ".join(FACTS)
    return (
        f"変数「{name}」はありません。使えるもの：{known}。",
        f"There is no variable {name}; there are {known}.",
    )


def _of_syntax(source: str, line: int, column: int) -> tuple[str, str]:
    rest = _rest(source, line, column)
    if not rest.strip():
        return "式が途中で終わっています。", "The expression ends too early."
    word = re.match(r"\w+|=(?!=)|&(?!&)|\|(?!\|)|.", rest)
    typed = word[0] if word else rest[:1]
    if typed in _INSTEAD:
        return (
            f"「{typed}」ではなく「{_INSTEAD[typed]}」と書きます。",
            f"Write {_INSTEAD[typed]} and not {typed}.",
        )
    if not typed.isascii():
        return f"「{typed}」は引用符の外には書けません。", f"{typed} cannot stand outside quotation marks."
    return f"「{typed}」がここにあると式として読めません。", f"The expression cannot be read from {typed} on."


def _rest(source: str, line: int, column: int) -> str:
    lines = source.split("\n")
    return lines[line - 1][column - 1 :] if line <= len(lines) else ""


def _line_and_column(source: str, at: int) -> tuple[int, int]:
    before = source[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _refused(ja: str, en: str, line: int = 0, column: int = 0) -> Refused:
    if line:
        ja, en = f"{line}行目の{column}文字目：{ja}", f"Line {line}, column {column}: {en}"
    return Refused("expression", ja=ja, en=en)
