"""Bodies that are written to keep a worker busy, or to lead a place astray."""

import itertools
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.quotes import Quoted, find, find_references
from moderation.quotes.base import join

LENGTH = 20_000
# In times that Python takes to pass over the text: a body takes 5 to 50 of them, and what takes the square
# of its length thousands.
MOST_PASSES = 300

REPEATED = [
    ">",
    "> ",
    ">\n",
    "> a\n",
    "> a\nb\n",
    ">a\n\n",
    ">e\ne\n",
    ">>12\n",
    ">>1",
    ">>12 ",
    ">>12 > a\n",
    "※1 ",
    "\n※1 a",
    "No.1 ",
    "#1\n",
    "＞松田さん\n",
    "様\n> b\n",
    "a:\n> b\n",
    f"{'wrote ' * 40}:\n> a\n",
    f"{'On 1, ' * 40}wrote:\n> a\n",
    "On 1 2 3 4 5 \nOn 1 2 3 4 5\nx wrote:\n> a\n",
    f"{'松田さん' * 5}は書きました：\n> a\n",
    f"{'松田さん の' * 8}コメント\n> a\n",
    f"{'the article ' * 20}says:\n> a\n",
    f"{'e' * 390}\n\n>e\n\n",
    "> From: a\n> To: b\n",
    "> From: a\n> @\n",
    "> -- \n> a\n",
    "1c1\n< a\n---\n> b\n",
    "```\n> a\n",
    f"> {'a' * 66}\nbbbb\n",
    "> x <- 1\n\n",
    "> SELECT FRO ",
    "| a\n",
    f"| {'a' * 40}.\n\n",
    "《\n》a\n",
    ">a <a\n",
    ">_",
    "&gt;",
    "<blockquote>",
    "[quote]",
    "[quote=",
    "[quote]a[/quote]",
    "<blockquote>[quote]",
    "[quote]<blockquote></quote>",
]
WHOLE = [
    " " * (LENGTH - 1) + ">",
    "> " + "a" * LENGTH,
    ">>1" + ",1" * LENGTH,
    ">>1" + "-1" * LENGTH,
    ">>1" + " " * (LENGTH - 4) + "x",
    "> On 1" + " " * (LENGTH - 20) + "wrote:",
    "> " + "1," * LENGTH,
    "> a(" + "a" * LENGTH,
    "\n".join(f"{'>' * depth} 入れ子" for depth in range(1, 200)),
    f"{'>' * 1_000}x\n" * 19,
    f"{'<blockquote>' * 800}a{'</blockquote>' * 800}",
    f"{'[quote]' * 1_250}a{'[/quote]' * 1_250}",
    f"<blockquote>{'<p>a' * 4_900}</blockquote>",
    f"<blockquote>{'&amp;' * 3_990}</blockquote>",
    f"<blockquote>{'&nbsp;' * 3_300}</blockquote>",
    f"<blockquote>{'<p ' * 6_600}</blockquote>",
    f"<blockquote>{'&' * 19_970}</blockquote>",
    f"[quote={'=' * 200}]{'[b' * 9_800}[/quote]",
]


@pytest.mark.parametrize(
    "body",
    [*((repeated * LENGTH)[:LENGTH] for repeated in REPEATED), *(body[:LENGTH] for body in WHOLE)],
    ids=lambda body: repr(body[:24]),
)
def test_time_is_in_proportion(body: str) -> None:
    most = MOST_PASSES * min(seconds(lambda: sum(char != "\0" for char in body)) for _ in range(3))
    # A machine that pauses spoils one measure, not five of them.
    assert any(seconds(lambda: find_references(body, find(body))) < most for _ in range(5))
    quoted = find(body)
    references = find_references(body, quoted)
    check_places(body, quoted)
    assert all(0 <= each.start < each.end <= len(body) for each in references)


def seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def test_nesting_is_kept_however_deep() -> None:
    tags = find(f"{'[quote]' * 1_000}内側の文{'[/quote]' * 1_000}")
    assert [(each.depth, each.text) for each in tags] == [(1_000, "内側の文")]
    signs = find(f"> 外側の文\n>> 中の文\n{'>' * 1_000} 内側の文")
    assert [each.depth for each in signs] == [1, 2, 1_000]


PIECES = st.sampled_from(
    [
        *">＞≫》|※#&\n\r\u2028 \u3000",
        "&gt;",
        ">>",
        ">> ",
        "\r\n",
        "橋は来年に",
        "The bridge",
        "12",
        "さん",
        "wrote:",
        "On Friday, Hana wrote:",
        "松田さんは書きました：",
        "記事より",
        "From: Hana",
        "Subject: x",
        "-- ",
        "---",
        "< ",
        "```",
        "12c13",
        "<blockquote>",
        "</blockquote>",
        '<blockquote cite="x">',
        "<p>",
        "<br>",
        "<em>",
        "<cite>",
        "</cite>",
        "<a",
        "[quote]",
        "[/quote]",
        "[quote=Hana]",
        "[b]",
        "&amp;",
        "&#0;",
        "&#10;",
        "&nbsp;",
        "&ngE;",
        "𠮷",
        "は\u3099",
    ]
)


def check_places(body: str, blocks: tuple[Quoted, ...]) -> None:
    at = 0
    for block in blocks:
        assert at <= block.start < block.end <= len(body)
        at = block.end
        assert (block.start, block.end) == (block.lines[0].mark, block.lines[-1].end)
        assert block.depth > 0
        texts = block.text.split("\n")
        assert [line.length for line in block.lines] == [len(text) for text in texts]
        for line, text in zip(block.lines, texts, strict=True):
            assert line.mark <= line.start <= line.end
            assert line.jumps or body[line.start : line.end] == text
        assert join(block.split()) == block


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_places_are_exact_and_ascend(body: str) -> None:
    blocks = find(body)
    check_places(body, blocks)
    for block in blocks:
        places = [block.place(offset) for offset in range(len(block.text) + 1)]
        assert all(one <= other for one, other in itertools.pairwise(places))
        assert block.start <= places[0]
        assert places[-1] == block.end
        for place, character in zip(places, block.text, strict=False):
            if character != "\n":
                assert body[place] in {character, "&"}


@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_body_without_signs_has_nothing(body: str) -> None:
    plain = "".join(
        character for character in body if character not in ">＞≫》|※#№[]&" and not character.isdigit()
    )
    assert find(plain) == ()
    assert find_references(plain) == ()
