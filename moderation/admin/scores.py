"""How right a rule is, in words of a moderator."""

from __future__ import annotations

from django.utils.translation import gettext

from moderation.scoring import Score


def percents(score: Score) -> tuple[int, int]:
    """The ends of the interval in whole percents: never 100 for what is not certain to be all."""
    low, high = score.interval.low, score.interval.high
    return round(low * 100), round(high * 100)


def precision_in_words(score: Score) -> str:
    """What people's decisions say of the hits, as sentences."""
    if not score.hits:
        return gettext("It has hit nothing.")
    if not score.judged:
        return gettext("Hits that no person has decided: %(hits)d. So nobody knows yet how right it is.") % {
            "hits": score.hits
        }
    low, high = percents(score)
    told = _decided(score) % {"judged": score.judged, "right": score.right}
    told += gettext("between %(low)d %% and %(high)d %% of such hits are right.") % {"low": low, "high": high}
    return f"{told} {_few()}" if score.judged < FEW else told


def _decided(score: Score) -> str:
    if score.judged > 1:
        return gettext("Of %(judged)d hits that a person has decided, %(right)d were rejected: ")
    if score.right:
        return gettext("A person has decided on one hit, and rejected it: ")
    return gettext("A person has decided on one hit, and published it: ")


# Below so many judged hits the interval is wide, and one decision more moves it much.
FEW = 20


def _few() -> str:
    return gettext("These are few: the range narrows as more are decided.")


def in_short(score: Score) -> str:
    """The same for a column of a table."""
    if not score.hits:
        return gettext("no hits")
    if not score.judged:
        return gettext("hits: %(hits)d, none decided by a person") % {"hits": score.hits}
    low, high = percents(score)
    return gettext("hits: %(hits)d; right: %(right)d of %(judged)d (%(low)d–%(high)d %%)") % {
        "hits": score.hits,
        "right": score.right,
        "judged": score.judged,
        "low": low,
        "high": high,
    }
