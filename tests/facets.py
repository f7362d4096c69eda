"""What the facets of open cases have to be, told from the cases and their causes alone."""

from datetime import datetime

from moderation.models import Case, CaseFacet


def expected() -> dict[tuple[int, str], tuple[object, ...]]:
    """`{(case, facet): (site, due, opened)}` of all open cases."""
    firsts: dict[tuple[object, ...], tuple[datetime, int]] = {}
    found: dict[tuple[int, str], tuple[object, ...]] = {}
    cases = Case.objects.filter(closed_at=None).select_related("comment")
    for case in cases.prefetch_related("causes__finding__rule_version"):
        facets = {"open", f"severity:{case.severity}"}
        if case.group_id is None:
            facets.add("first")
        else:
            facets.add(f"group:{case.group_id}")
            queue = case.site_id, case.group_id, case.escalated_at is None
            place = case.due_at, case.pk
            firsts[queue] = min(firsts.get(queue, place), place)
        if case.comment:
            facets |= {f"article:{case.comment.article_id}"}
            facets |= {f"author:{case.comment.author_key}"} if case.comment.author_key else set()
        for cause in case.causes.all():
            facets.add(f"check:{cause.kind}")
            if cause.finding:
                version = cause.finding.rule_version
                facets |= {f"rule:{version.rule_id}", f"reason:{version.reason_id}"}
        if case.escalated_at:
            facets = {f"escalated {facet}" for facet in facets}
        found |= {(case.pk, facet): (case.site_id, case.due_at, case.opened_at) for facet in facets}
    for (site, _, common), (due, key) in firsts.items():
        (opened,) = (case.opened_at for case in cases if case.pk == key)
        found[key, "first" if common else "escalated first"] = (site, due, opened)
    return found


def stored() -> dict[tuple[int, str], tuple[object, ...]]:
    """The same, as the triggers have written it."""
    rows = CaseFacet.objects.values_list("case_id", "facet", "site_id", "due_at", "opened_at")
    return {(case, facet): tuple(rest) for case, facet, *rest in rows}
