"""Trace quoted passages to their sources."""

from collections.abc import Sequence

from moderation.quotes import elision
from moderation.quotes.altered import altered, broken_off, cut_off
from moderation.quotes.base import Moment, Quoted, Source, Traced, Verdict
from moderation.quotes.choose import Preference, attributed, placed, verdict_of
from moderation.quotes.dates import Dated, above, dates
from moderation.quotes.find import find
from moderation.quotes.joining import Piece, is_torn, joined, mended
from moderation.quotes.keys import view
from moderation.quotes.leftovers import continued, is_left_of
from moderation.quotes.passages import Passage
from moderation.quotes.sight import Asker, Held
from moderation.quotes.sources import Sources

# Look-ups in the index that one body may cost, and how many times fewer searches for the nearest
# passage: a body of 20,000 characters has room for thousands of quotes.
MOST_SEARCHES = 200
_NEAREST = 8
# Lines beyond those, which are looked for in the likeliest sources.
_MOST_LINES = 600
# How like a passage a block must be whose lines stand elsewhere as they are.
_LIKELIER = 0.8
# Holders of a part that are tried for the others.
_MOST_CHAINS = 8


def trace(
    quoted: Quoted,
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
) -> Traced:
    """Where `quoted` stands, taken as a whole, in `sources`.

    `parent` is the id of the comment that this one answers, if it was given;
    `before` the `(posted_at, id)` of this comment, which tells what it could
    see. A plain sequence is in the order of time.
    """
    tracer = _Tracer(_index(sources), parent, before)
    passage = tracer.asked(quoted)
    tracer.look_up(passage)
    return tracer.exact(passage) or tracer.near(passage)


def trace_body(
    body: str,
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
    most: float = MOST_SEARCHES,
) -> tuple[Traced, ...]:
    """The quotes of a body with their sources, in order: see `trace_blocks`."""
    return trace_blocks(find(body), sources, parent=parent, before=before, most=most, body=body)


def trace_blocks(  # noqa: PLR0913
    blocks: Sequence[Quoted],
    sources: Sources | Sequence[Source],
    *,
    parent: int | None = None,
    before: Moment | None = None,
    most: float = MOST_SEARCHES,
    body: str = "",
) -> tuple[Traced, ...]:
    """The blocks that `find` gave in one body, each with its source, in order.

    A block is traced as a whole; failing that its lines, and the sentences of
    a line, for they may come from several places. Neighbours that stand side
    by side in one source are put together, and what nearly stands there as a
    whole is altered. Times that lines of `body` name, if it is given, help to
    choose between sources of the same words. When `most` searches are spent the rest of the blocks is
    left out.
    """
    if not blocks:
        return ()
    tracer = _Tracer(_index(sources), parent, before, most)
    named_times = dates(body)
    passages: list[tuple[Passage, list[Passage]]] = []
    for number, block in enumerate(blocks):
        if tracer.left <= 0:
            break
        passage = tracer.asked(block, above(named_times, block.start, block.depth))
        passage.is_wrapped = bool(number) and is_left_of(block, blocks[number - 1])
        passages.append((passage, tracer.survey(passage)))
    found: list[Traced] = []
    for passage, parts in passages:
        if tracer.is_spent and not passage.held and not passage.is_short:
            break
        found += tracer.settle(passage, parts)
    return tuple(tracer.with_leftovers(found))


def _index(sources: Sources | Sequence[Source]) -> Sources:
    return sources if isinstance(sources, Sources) else Sources(sources)


class _Tracer:
    """Traces the passages of one comment: what it could see, what speaks for a source, what it may cost."""

    def __init__(
        self, sources: Sources, parent: int | None, before: Moment | None, most: float = MOST_SEARCHES
    ) -> None:
        self._sources = sources
        self._parent = parent if before is None or parent != before[1] else None
        self._before = before
        self._preference = Preference(self._parent)
        self.left = most
        self._nearest_left = max(1, most / _NEAREST)

    @property
    def is_spent(self) -> bool:
        """Whether no search for a nearest passage is left."""
        return self._nearest_left <= 0

    def asked(self, block: Quoted, dated: Dated | None = None) -> Passage:
        """A block with what the comment says of its source."""
        named = self._sources.named(block.attribution, block.numbers, self._before)
        return Passage(block, 0, len(block.text), named, dated)

    def _asker(self, passage: Passage) -> Asker:
        answered = self._told(passage) | ({self._parent} if self._parent is not None else set())
        return Asker(self._before, frozenset(answered))

    def _told(self, passage: Passage) -> frozenset[int]:
        """The comments that are named, by name, number or exact time."""
        timed = self._sources.dated(passage.dated, self._before) if passage.dated else frozenset()
        return passage.named | timed

    def look_up(self, passage: Passage) -> bool:
        """Find out who holds a passage; a short one only a named comment can hold."""
        key = passage.key
        self.left -= 1
        if passage.is_short:
            passage.held = self._named_holders(passage)
            return bool(passage.held)
        passage.held = self._sources.holders(key, self._asker(passage))
        return bool(passage.held)

    def _named_holders(self, passage: Passage) -> list[Held]:
        """The named comments that hold a passage that is too short to be looked for elsewhere."""
        if not passage.key:
            return []
        asker = self._asker(passage)
        article = self._sources.article_holders(passage.key, asker) if passage.names_article else []
        return article + self._sources.among(self._told(passage), passage.key, asker)

    def survey(self, passage: Passage) -> list[Passage]:
        """Look up a passage and, if nothing holds it as a whole, its parts; take count of the holders."""
        parts = [passage]
        if not self.look_up(passage) and not passage.is_short:
            parts = self._look_up_parts(passage)
        for part in parts:
            self._preference.count(part.block.depth, len(part.key), part.held)
        return parts

    def _look_up_parts(self, passage: Passage) -> list[Passage]:
        found: list[Passage] = []
        parts = passage.parts()
        for number, part in enumerate(parts):
            if self.left <= 0:
                return found + self._look_up_likely(parts[number:])
            if part.is_short or self.look_up(part):
                found.append(part)
                continue
            finer = part.parts()
            held = [not each.is_short and self.look_up(each) for each in finer] if len(finer) > 1 else []
            found += finer if any(held) else [part]
        return found

    def _look_up_likely(self, parts: list[Passage]) -> list[Passage]:
        """Parts beyond what may be searched: only the likeliest sources are asked, and not for ever."""
        likely = [each.id for each in self._likely(parts[0])]
        most = _MOST_LINES if likely else 0
        for part in parts[:most]:
            part.held = self._sources.among(likely, part.key, self._asker(part)) if not part.is_short else []
        return parts[:most] + ([parts[most].through(parts[-1])] if most < len(parts) else [])

    def settle(self, passage: Passage, parts: list[Passage]) -> list[Traced]:
        """A block's verdicts."""
        if whole := self.exact(passage):
            return [whole]
        if len(parts) == 1:
            return [self.near(passage)]
        return self._by_parts(passage, parts)

    def exact(self, passage: Passage) -> Traced | None:
        """The verdict of a passage that stands somewhere as a whole, or is too short to."""
        if found := self._placed(passage, passage.held):
            return found
        if passage.is_short and not (passage.named or passage.names_article):
            return Traced(passage.quoted, Verdict.SHORT)
        if found := self._elided(passage) or self._edged(passage):
            return found
        if passage.is_short:
            return None
        self.left -= 1
        later = self._sources.later_holders(passage.key, self._asker(passage))
        return self._placed(passage, later) or cut_off(
            passage, passage.key, self._preference.ranked(passage.held, passage)
        )

    def _placed(self, passage: Passage, held: Sequence[Held], after: int = 0) -> Traced | None:
        if not held:
            return None
        ranked = self._preference.ranked(held, passage)
        return placed(passage, passage.key, ranked, after=after)

    def _edged(self, passage: Passage) -> Traced | None:
        """The passage without the quotation marks and full stops that were put round it."""
        key = elision.edged(passage.key)
        if key == passage.key or passage.is_short:
            return None
        self.left -= 1
        held = self._sources.holders(key, self._asker(passage))
        ranked = self._preference.ranked(held, passage)
        return placed(passage, key, ranked) or cut_off(passage, key, ranked)

    def _elided(self, passage: Passage) -> Traced | None:
        """A passage whose parts stand in one source in order, as its marks of elision say."""
        spans = elision.fragments(passage.text)
        if not spans or passage.is_short:
            return None
        keys = [
            elision.edged(passage.part(passage.start + low, passage.start + high).key) for low, high in spans
        ]
        self.left -= 1
        asker = self._asker(passage)
        held = self._sources.holders(max(keys, key=len), asker) or self._sources.later_holders(
            max(keys, key=len), asker
        )
        ranked = self._preference.ranked(held, passage)
        broken: Traced | None = None
        for each in ranked[:_MOST_CHAINS]:
            chain = elision.chain(passage.text, spans, view(each.source.text))
            if chain is None or not passage.is_whole(each.source.text, chain.start, chain.end):
                continue
            faults = elision.faults(chain, each.source.text)
            if not faults:
                verdict = verdict_of(each.sight, Verdict.ELIDED)
                traced = Traced(passage.quoted, verdict, each.source, chain.start, chain.end, similarity=1.0)
                return attributed(traced, passage, ranked)
            broken = broken or broken_off(passage, each.source, chain, faults)
        return attributed(broken, passage, ranked) if broken else None

    def near(self, passage: Passage) -> Traced:
        """The verdict of a passage that stands nowhere: altered, if something like it does, or missing."""
        if passage.is_short:
            is_named = passage.named or passage.names_article
            return Traced(passage.quoted, Verdict.MISSING if is_named else Verdict.SHORT)
        if self.is_spent:
            return Traced(passage.quoted, Verdict.MISSING)
        self._nearest_left -= 1
        likely = self._likely(passage)
        found = altered(passage, self._sources, self._asker(passage), likely)
        return found or Traced(passage.quoted, Verdict.MISSING)

    def _likely(self, passage: Passage) -> list[Source]:
        """The comments that are looked into first: those named, the parent, those of its other quotes."""
        numbers = [*sorted(self._told(passage))[-4:], *([self._parent] if self._parent is not None else [])]
        likely = self._preference.likely(passage.block.depth, 2)
        numbers += [number for kind, number in likely if kind == "comment"]
        found = (self._sources.comment(number) for number in dict.fromkeys(numbers))
        return [source for source in found if source]

    def _by_parts(self, passage: Passage, parts: list[Passage]) -> list[Traced]:
        pieces = self._pieces(parts)
        if is_torn(pieces):
            whole = self.near(passage)
            origins = {each.traced.source for each in pieces if each.traced}
            # Of parts that all stand somewhere, in several sources, a whole must be likelier than they are.
            least = 0.0 if len(origins) == 1 or any(each.is_lost for each in pieces) else _LIKELIER
            if whole.verdict is Verdict.ALTERED and whole.similarity >= least:
                return [whole]
        pieces = mended(pieces)
        traced = [piece.traced or self.near(piece.passage) for piece in pieces]
        lost = [each for each, piece in zip(traced, pieces, strict=True) if piece.is_lost]
        # Lines that are like nothing were put in as a whole; words that were changed are the block's.
        if any(each.verdict is not Verdict.MISSING for each in lost):
            whole = self.near(passage)
            if whole.verdict is Verdict.ALTERED:
                return [whole]
        return traced

    def _pieces(self, parts: Sequence[Passage]) -> list[Piece]:
        """The parts in order, each at its place; neighbours that belong together as one."""
        pieces: list[Piece] = []
        for part in parts:
            last = pieces[-1] if pieces else None
            after = last.traced.end if last and last.traced else 0
            traced = self._placed(part, part.held, after)
            piece = Piece(part, traced)
            if last and (whole := joined(last, piece)):
                pieces[-1] = whole
            else:
                pieces.append(piece)
        return pieces

    def with_leftovers(self, found: list[Traced]) -> list[Traced]:
        """The same with each short block traced that goes on where its neighbour of another depth ends."""
        for at, traced in enumerate(found):
            if traced.verdict is not Verdict.SHORT:
                continue
            passage = Passage(traced.quoted, 0, len(traced.quoted.text))
            neighbours = [*found[max(0, at - 1) : at], *found[at + 1 : at + 2]]
            found[at] = continued(passage, neighbours, self._likely(passage), self._asker(passage)) or traced
        return found
