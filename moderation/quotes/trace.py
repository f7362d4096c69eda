"""Trace a quoted passage to its source."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import inf
from operator import itemgetter

from moderation.quotes.base import Moment, Quoted, Source, Spans, Traced, Verdict, join
from moderation.quotes.find import find
from moderation.quotes.keys import SEPARATOR, Mapped, joined_keys, key, mapped
from moderation.quotes.sources import Sources
from moderation.text import Folded, fold

# Below it a passage stands in many texts by chance. A kanji or kana weighs 2, a letter or
# figure of an alphabet 1, as in the width of print: はい and `I see.` are too short, なるほど is not.
MEANINGFUL = 8

# Searches that one body may ask for: one takes up to two milliseconds at an article of ten thousand
# comments, and a body of 20,000 characters has room for thousands of quotes.
MOST_SEARCHES = 200


def trace(
    quoted: Quoted,
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
) -> Traced:
    """Where `quoted` stands, taken as a whole, in `sources`.

    `parent` is the id of the comment that this one answers, if it was given;
    `before` the `(posted_at, id)` of this comment, so that of `sources` only
    comments earlier than it count. Of several sources those come first that
    hold it in their own words, then verbatim before folded, then the parent,
    the latest comment, the article. A plain sequence is in the order of time.
    """
    index = sources if isinstance(sources, Sources) else Sources(sources)
    wanted = key(fold(quoted.text).text)
    if _is_short(wanted):
        return Traced(quoted, Verdict.SHORT)
    holders = index.holders(wanted, parent=parent, before=before)[::-1]
    own = [each for each in holders if index.own_holds(each, wanted)]
    ambiguous = len({(each.kind, each.id) for each in own}) > 1
    for likely, nested in ((own, index.nested), (holders, _nothing)):
        for source in likely:
            if place := _verbatim(quoted.text, source, nested(source)):
                return Traced(quoted, Verdict.VERBATIM, source, *place, ambiguous, 1.0)
        for source in likely:
            if place := _folded(wanted, source, nested(source)):
                return Traced(quoted, Verdict.FOLDED, source, *place, ambiguous, 1.0)
    return Traced(quoted, Verdict.MISSING)


def trace_body(
    body: str,
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
) -> tuple[Traced, ...]:
    """Every quote of a body with its source, in order, however many: see `trace_blocks`."""
    return trace_blocks(find(body), sources, parent=parent, before=before, most=inf)


def trace_blocks(
    blocks: Sequence[Quoted],
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
    most: float = MOST_SEARCHES,
) -> tuple[Traced, ...]:
    """The blocks that `find` gave, each with its source, in order.

    A block is traced as a whole. If that is missing its lines are traced one
    by one, for they may come from several places; neighbours that stand side
    by side in one source, and neighbours that are missing, are put together.
    After `most` searches the rest of the blocks is left out; a block of more
    lines than searches are left is traced as a whole only.
    """
    if not blocks:
        return ()
    index = sources if isinstance(sources, Sources) else Sources(sources)
    searches = 0

    def look(quoted: Quoted) -> Traced:
        nonlocal searches
        searches += 1
        return trace(quoted, index, parent=parent, before=before)

    found: list[Traced] = []
    for block in blocks:
        if searches >= most:
            break
        found += _by_parts(look, block, most - searches)
    return tuple(found)


def _is_short(wanted: str) -> bool:
    if len(wanted) >= 2 * MEANINGFUL:
        # Signs alone never fill it: runs of them are one sign in a key.
        return not any(character.isalnum() for character in wanted)
    # From U+1100 on stand Hangul, kana and kanji.
    return sum(1 + (each >= "\u1100") for each in wanted if each.isalnum()) < MEANINGFUL


def _nothing(_: Source) -> Spans:
    return ()


def _verbatim(text: str, source: Source, nested: Spans) -> tuple[int, int] | None:
    """The first place outside of `nested` that has the same characters, whatever ends its lines."""
    passage = text.strip()
    for wording in dict.fromkeys((passage, passage.replace("\n", "\r\n"))):
        at = source.text.find(wording)
        while at >= 0:
            inside = _inside(nested, at, at + len(wording))
            if inside is None:
                return at, at + len(wording)
            at = source.text.find(wording, inside)
    return None


def _folded(wanted: str, source: Source, nested: Spans) -> tuple[int, int] | None:
    """The first place outside of `nested` whose key is `wanted`."""
    folded, mapping = _view(source.text)
    at = mapping.key.find(wanted)
    while at >= 0:
        start, end = folded.original_span(mapping.starts[at], mapping.ends[at + len(wanted) - 1])
        if _inside(nested, start, end) is None:
            return start, end
        at = mapping.key.find(wanted, at + 1)
    return None


def _inside(nested: Spans, start: int, end: int) -> int | None:
    """The end of the first of `nested` that `start` to `end` touches."""
    number = bisect_right(nested, start, key=itemgetter(1))
    if number < len(nested) and nested[number][0] < end:
        return nested[number][1]
    return None


@lru_cache(maxsize=8)
def _view(text: str) -> tuple[Folded, Mapped]:
    """A source's folded text and key with the ways back; a batch asks for the same few again and again."""
    folded = fold(text)
    return folded, mapped(folded.text)


def _by_parts(look: Callable[[Quoted], Traced], block: Quoted, most: float) -> list[Traced]:
    whole = look(block)
    if whole.verdict is not Verdict.MISSING or not 2 <= len(block.lines) <= most:
        return [whole]
    runs: list[list[Traced]] = []
    for traced in _by_lines(look, block):
        if runs and _adjoin(runs[-1][-1], traced):
            runs[-1].append(traced)
        else:
            runs.append([traced])
    return [_joined(run) for run in runs]


def _by_lines(look: Callable[[Quoted], Traced], block: Quoted) -> Iterator[Traced]:
    for lines in _whole_lines(block.split()):
        traced = look(join(lines))
        if traced.verdict is Verdict.MISSING and len(lines) > 1:
            yield look(lines[0])
            traced = look(join(lines[1:]))
        yield traced


def _whole_lines(lines: Sequence[Quoted]) -> Iterator[list[Quoted]]:
    """Each line with the short ones that follow it, such as the last word of a wrapped paragraph."""
    held: list[Quoted] = []
    keys = joined_keys([fold(line.text).text for line in lines]).split(SEPARATOR)
    for line, wanted in zip(lines, keys, strict=True):
        if held and not _is_short(wanted):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _adjoin(one: Traced, other: Traced) -> bool:
    """Whether two neighbours are both missing, or stand side by side in one source."""
    if one.source is None or other.source is None:
        return one.source is other.source
    same = one.source == other.source and one.end <= other.start
    return same and not one.source.text[one.end : other.start].strip()


def _joined(run: Sequence[Traced]) -> Traced:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    quoted = join([each.quoted for each in run])
    if first.source is None:
        lost = any(each.verdict is Verdict.MISSING for each in run)
        return Traced(quoted, Verdict.MISSING if lost else Verdict.SHORT)
    passage = first.source.text[first.start : last.end].replace("\r\n", "\n")
    verdict = Verdict.VERBATIM if passage == quoted.text.strip() else Verdict.FOLDED
    ambiguous = all(each.ambiguous for each in run)
    return Traced(quoted, verdict, first.source, first.start, last.end, ambiguous, 1.0)
