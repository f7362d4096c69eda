"""The cases that a program made: seeded edits of sentences, each with the label that follows from it."""

from collections.abc import Iterator, Sequence
from random import Random

from bench.corpus.cases import Case, Label, Place, comment_of, place, text_of
from bench.corpus.edits import ELLIPSES, FOLDING, elisions, sentences, skips, tail, wrap_en, wrap_ja
from bench.corpus.scenes import Scene, held

SEED = 20261122
# Cases of a kind for each scene.
EACH = 3
LEAST = {"ja": 11, "en": 22}
# What a gap must be, in characters, so that nobody takes its two ends for one thought.
LONG_GAP = {"ja": 700, "en": 2_000}

Part = tuple[str, Label]
WHY = {
    "verbatim": "copied from {where} character by character",
    "folded": "the words of {where}; only the spelling was changed by the edit `{edit}`",
    "elided": "two stretches of {where} in their order, a mark where words without a denial were left out",
    "stale": "stands in the article's first text only, which the correction had replaced before",
    "hidden": "stands only in comment {where}, which was rejected before",
    "later": "stands only in comment {where}, which was written after this one",
    "altered": "a passage of {where} with words changed: {edit}",
    "missing": "a sentence about another matter, in none of the scene's texts",
    "several": "one block whose lines come from different places",
}


def made(scenes: Sequence[Scene]) -> Iterator[Case]:
    """All seeded cases, scene by scene; a scene without words to change is for cases by hand."""
    scenes = [each for each in scenes if each.altered]
    for number, scene in enumerate(scenes):
        others = [each for each in scenes if each.language == scene.language and each != scene]
        yield from _copied(scene)
        yield from _folded(scene)
        yield from _elided(scene)
        yield from _unseen(scene)
        yield from _altered(scene)
        yield from _long_gaps(scene)
        yield from _missing(scene, others[number % len(others)])
        yield from _several(scene, others[(number + 1) % len(others)])


def _case(scene: Scene, edit: str, number: int, parts: list[Part], why: str = "") -> Case:
    body, quotes = comment_of(parts, scene, _rng(scene, edit, number, "comment"))
    label = parts[0][1]
    verdict = label.verdict if len(parts) == 1 else "several"
    where = label.place.text if label.place else ""
    reason = why or WHY[verdict].format(where=where, edit=edit)
    name = f"{scene.name}-{edit}-{number}"
    return Case(name, scene, body, quotes, reason, made=f"edit `{edit}`, seed {SEED}:{name}")


def _rng(scene: Scene, edit: str, number: int, use: str = "text") -> Random:
    return Random(f"{SEED}:{scene.name}-{edit}-{number}:{use}")


def _passages(scene: Scene) -> list[tuple[str, str]]:
    """(text, sentence) of all that readers see and only one text has, the article's first."""
    names = ["article", *(str(each.number) for each in scene.remarks if not each.hidden and each.number <= 6)]
    found = []
    for name in names:
        text = scene.second if name == "article" else scene.remarks[int(name) - 1].own_words()
        found += [(name, each) for each in sentences(text, scene.language)]
    return [
        (name, each)
        for name, each in found
        if len(each) >= LEAST[scene.language] and len(held(each, scene.visible())) == 1
    ]


def _copied(scene: Scene) -> Iterator[Case]:
    passages = _rng(scene, "copy", 0).sample(_passages(scene), EACH)
    for number, (name, sentence) in enumerate(passages, start=1):
        passage = tail(sentence, scene.language) if number == 2 else sentence
        if number == 3 and name == "article":
            passage = _two_lines(scene, sentence)
        yield _case(scene, "copy", number, [(passage, Label("verbatim", place(scene, name, passage)))])


def _two_lines(scene: Scene, sentence: str) -> str:
    """The article's line that holds the sentence with the line after it, or before."""
    lines = scene.second.split("\n")
    at = min(next(n for n, line in enumerate(lines) if sentence in line), len(lines) - 2)
    return "\n".join(lines[at : at + 2])


def _folded(scene: Scene) -> Iterator[Case]:
    for number, (edit, change) in enumerate(FOLDING[scene.language].items(), start=1):
        rng = _rng(scene, edit, number)
        for name, sentence in rng.sample(_passages(scene), len(_passages(scene))):
            passage = change(sentence, rng)
            if passage not in text_of(scene, name) and held(passage, [sentence]):
                yield _case(scene, edit, number, [(passage, Label("folded", place(scene, name, sentence)))])
                break


def _elided(scene: Scene) -> Iterator[Case]:
    rng = _rng(scene, "elision", 0)
    cuts = [(name, *cut) for name, each in _passages(scene) for cut in elisions(each, scene.language)]
    for number, (name, head, gap, rest) in enumerate(rng.sample(cuts, min(EACH, len(cuts))), start=1):
        mark = rng.choice(ELLIPSES[scene.language])
        label = Label("elided", place(scene, name, head + gap + rest))
        yield _case(scene, "elision", number, [(f"{head.rstrip()}{mark}{rest}", label)])
    found = skips(scene.second, scene.language)
    for number, (head, gap, rest) in enumerate(rng.sample(found, min(2, len(found))), start=1):
        mark = rng.choice(ELLIPSES[scene.language])
        label = Label("elided", place(scene, "article", head + gap + rest))
        yield _case(scene, "skip", number, [(f"{head}{mark}{rest}", label)])


def _unseen(scene: Scene) -> Iterator[Case]:
    """Passages that readers did not see when the comment was written; one more of each than of others."""
    later = [(str(each.number), each.body) for each in scene.remarks if each.number > 6]
    hidden = [(str(each.number), each.body) for each in scene.remarks if each.hidden]
    stale = [("article@1", line) for line in scene.withdrawn()]
    for verdict, texts in (("stale", stale), ("hidden", hidden), ("later", later)):
        found = [
            (name, each)
            for name, text in texts
            for each in sentences(text, scene.language)
            if len(each) >= LEAST[scene.language] and not held(each, scene.visible())
        ]
        picked = _rng(scene, verdict, 0).sample(found, min(EACH + 1, len(found)))
        for number, (name, sentence) in enumerate(picked, start=1):
            label = Label(verdict, place(scene, name, sentence))
            passage = sentence if number > 1 else _wrapped(scene, sentence, _rng(scene, verdict, number))
            yield _case(scene, verdict, number, [(passage, label)])


def _wrapped(scene: Scene, passage: str, rng: Random) -> str:
    return wrap_ja(passage, rng) if scene.language == "ja" else wrap_en(passage, rng)


def _altered(scene: Scene) -> Iterator[Case]:
    for kind, pairs in scene.altered.items():
        for number, (old, new) in enumerate(pairs, start=1):
            rng = _rng(scene, kind, number)
            line = next(each for each in scene.second.split("\n") if old in each)
            passage, original = line.replace(old, new), line
            long_enough = len(new) >= 2 * LEAST[scene.language]
            if long_enough and kind not in {"omitted", "added"} and rng.random() < 0.5:
                passage, original = new, old
            if held(passage, scene.texts()):
                raise ValueError(f"{scene.name}: {passage!r} is not altered, some text holds it.")
            if rng.random() < 0.25:
                passage = _wrapped(scene, passage, rng)
            label = Label("altered", place(scene, "article", original), differences=(kind,))
            yield _case(
                scene,
                kind,
                number,
                [(passage, label)],
                f"the article says {old!r}, the quote {new!r}: {kind}",
            )


def _long_gaps(scene: Scene) -> Iterator[Case]:
    """The beginning of one sentence and the end of another far away, put together as one thought."""
    rng = _rng(scene, "gap", 0)
    text, language = scene.second, scene.language
    comma = "、" if language == "ja" else ", "
    lines = [each for each in text.split("\n") if comma in each and "「" not in each and '"' not in each]
    pairs = [(one, other) for one in lines for other in lines]
    cuts = []
    for one, other in pairs:
        head, rest = one[: one.index(comma) + 1], other[other.rindex(comma) + len(comma) :]
        start, end = text.index(one), text.index(other) + len(other)
        gap = end - len(rest) - start - len(head)
        if gap >= LONG_GAP[language] and min(len(head), len(rest)) >= LEAST[language] - 3:
            cuts.append((head, rest, Place("article", start, end)))
    for number, (head, rest, where) in enumerate(rng.sample(cuts, min(2 * EACH, len(cuts))), start=1):
        passage = head + rng.choice(ELLIPSES[language]) + rest
        why = f"the elision joins words that stand {where.end - where.start} characters apart as one thought"
        label = Label("altered", where, differences=("elision",))
        yield _case(scene, "gap", number, [(passage, label)], why)


def _missing(scene: Scene, other: Scene) -> Iterator[Case]:
    lines = [each for each in other.second.split("\n") if len(each) >= LEAST[scene.language]]
    for number, passage in enumerate(_rng(scene, "elsewhere", 0).sample(lines, EACH), start=1):
        yield _case(scene, "elsewhere", number, [(passage, Label("missing"))])


def _several(scene: Scene, other: Scene) -> Iterator[Case]:
    """One block of an article's line and a comment's sentence; another that ends with foreign words."""
    rng = _rng(scene, "several", 0)
    passages = _passages(scene)
    article = [each for each in passages if each[0] == "article"]
    remarks = [each for each in passages if each[0] != "article"]
    for number in (1, 2):
        name, sentence = rng.choice(remarks)
        parts = [rng.choice(article), (name, sentence)]
        rng.shuffle(parts)
        labelled = [(text, Label("verbatim", place(scene, where, text))) for where, text in parts]
        if number == 2:
            foreign = rng.choice(other.second.split("\n"))
            labelled = [*labelled[:1], (foreign, Label("missing"))]
        yield _case(scene, "several", number, labelled)
