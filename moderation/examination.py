"""What becomes of the labelled corpus of quotes, as tables for `docs/quotes.md`. Pure."""

from collections import Counter
from collections.abc import Iterator

from moderation.quotes import Verdict
from moderation.quotes.corpus import Answer, Examination

BEGIN, END = "<!-- results: made by manage.py docs -->", "<!-- end of results -->"


def with_results(page: str, examination: Examination) -> str:
    """The page with fresh tables between its two marks; a page without marks gets them at its end."""
    head, begun, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2] if begun else "\n"
    return f"{head}{BEGIN}\n\n{tables(examination)}\n\n{END}{tail}"


def tables(examination: Examination) -> str:
    """Results by verdict and language, then the figures that have a target."""
    return "\n".join([*_by_verdict(examination.answers), "", *_targets(examination)])


def _by_verdict(answers: tuple[Answer, ...]) -> Iterator[str]:
    yield "| what is true | language | quotes | right | | taken for |\n|---|---|---:|---:|---:|---|"
    for verdict in Verdict:
        for language in sorted({each.language for each in answers}, reverse=True):
            taken = Counter(
                each.taken for each in answers if (each.expected, each.language) == (verdict, language)
            )
            yield _row(verdict, language, taken)


def _row(verdict: Verdict, language: str, taken: Counter[str]) -> str:
    count, right = taken.total(), taken.pop("right", 0)
    wrong = ", ".join(
        f"{number} {name}" for name, number in sorted(taken.items(), key=lambda it: (-it[1], it[0]))
    )
    return f"| {verdict} | {language} | {count} | {right} | {_percent(right, count)} | {wrong} |"


def _targets(examination: Examination) -> Iterator[str]:
    altered = [each for each in examination.answers if each.expected is Verdict.ALTERED]
    passed = len(examination.altered_accepted())
    true, missed = examination.true_quotes()
    strays, plain = len(examination.strays), examination.plain
    right = sum(right for _, right in examination.references)
    references = len(examination.references)
    yield "| what must hold | of | is | | target |\n|---|---:|---:|---:|---|"
    yield (
        f"| altered quotes that pass as verbatim, folded or elided | {len(altered)} | {passed} "
        f"| {_percent(passed, len(altered))} | none |"
    )
    yield (
        f"| true quotes accepted with their exact place in the source | {true} | {true - len(missed)} "
        f"| {_percent(true - len(missed), true)} | 99 % |"
    )
    yield (
        f"| comments where something else was taken for a quote | {plain} | {strays} "
        f"| {_percent(strays, plain)} | 1 % |"
    )
    yield (
        f"| references found, with what became of them | {references} | {right} "
        f"| {_percent(right, references)} | |"
    )


def _percent(part: int, whole: int) -> str:
    """Cut off and not rounded, so that 100.0 % is all of them."""
    return f"{1000 * part // whole / 10:.1f} %" if whole else ""
