"""Rule sets as YAML: what goes out comes in, and a wrong file changes nothing and says where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comments.models import Site
from moderation.models import Reason, Rule, RuleSet, RuleVersion, WordList
from moderation.presets import PRESETS, preset
from moderation.rule_files.nodes import MOST_BYTES, Faulty
from moderation.rule_files.schema import RuleEntry, RuleFile, read
from moderation.rule_files.spelling import spell
from moderation.rule_files.store import What, examine, in_force, put_in_force
from moderation.rules import save_rule, save_word_list
from tests import world

SMALL = """\
format: 1
reasons:
  - { slug: spam, label_ja: 宣伝, label_en: Spam }
word_lists:
  - slug: ads
    name: 宣伝
    words: [副業で稼ぐ, "!副業で稼ぐ詐欺"]
rules:
  - slug: ads
    name_ja: 宣伝
    name_en: Ads
    check: words
    word_list: ads
    mode: enforce
    action: hold
    reason: spam
    examples:
      match: [誰でも副業で稼ぐ時代]
      pass: [副業で稼ぐ詐欺に注意]
  - slug: two-links
    name_ja: リンクは二つまで
    name_en: Two links
    check: links
    params: { most: 2 }
    mode: off
    reason: spam
"""


def faults(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(Faulty) as caught:
        examine(read([("f.yaml", data)]))
    return [str(fault) for fault in caught.value.faults]


def test_a_mode_off_is_no_falsehood() -> None:
    assert read([("f", SMALL.encode())]).rules["two-links"].mode == "off"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_right_and_its_spelling_reads_as_itself(name: str) -> None:
    rules = preset(name)
    examine(rules)
    text = spell(rules)
    again = read([("again", text.encode())])
    assert (again.reasons, again.word_lists, again.rules) == (rules.reasons, rules.word_lists, rules.rules)
    assert spell(again) == text


def test_strict_is_never_milder_than_balanced() -> None:
    strictness = {"off": 0, "observe": 0, "flag": 1, "hold": 2, "reject": 3}
    balanced, strict = preset("balanced").rules, preset("strict").rules

    def of(rule: RuleEntry) -> int:
        return strictness[rule.action] if rule.mode == "enforce" else 0

    assert balanced.keys() == strict.keys()
    assert all(of(strict[slug]) >= of(rule) for slug, rule in balanced.items())
    assert any(of(strict[slug]) > of(rule) for slug, rule in balanced.items())


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        (("mode: enforce", "mode: enforced"), "f.yaml:14:11: rules › ads › mode: must be one of off, observe, enforce, not 'enforced'. Did you mean enforce?"),  # noqa: E501
        (("action: hold", "acton: hold"), "f.yaml:15:5: rules › ads › acton: 'acton' is not known here. Did you mean action?"),  # noqa: E501
        (("check: words", "check: word"), "f.yaml:12:12: rules › ads › check: must be one of"),
        (("{ most: 2 }", "{ moost: 2 }"), "f.yaml:24:15: rules › two-links › params › moost: 'moost' is not known here. Did you mean most?"),  # noqa: E501
        (("{ most: 2 }", "{ most: two }"), "f.yaml:24:21: rules › two-links › params › most: must be a whole number"),  # noqa: E501
        (("{ most: 2 }", "{ most: -1 }"), "f.yaml:24:21: rules › two-links › params › most: must be a whole number from 0"),  # noqa: E501
        (("word_list: ads", "word_list: adds"), "f.yaml:13:16: rules › ads › word_list: 'adds' is not known here. Did you mean ads?"),  # noqa: E501
        (("    word_list: ads\n", ""), "f.yaml:9:5: rules › ads › word_list: The check words needs a word_list."),  # noqa: E501
        (("    name_en: Ads\n", ""), "f.yaml:9:5: rules › ads: name_en is missing."),
        (("slug: two-links", "slug: ads"), "f.yaml:20:5: rules › ads: This slug stands twice; first at f.yaml:9:5."),  # noqa: E501
        (("slug: two-links", "slug: two links"), "f.yaml:20:11: rules › two links › slug: must be of Latin"),
        (("match: [誰でも副業で稼ぐ時代]", "match: [今日は雨]"), "f.yaml:18:15: rules › ads › examples › match › 1: «今日は雨» must match, and does not."),  # noqa: E501
        (("[副業で稼ぐ詐欺に注意]", "[副業で稼ぐ話]"), "f.yaml:19:14: rules › ads › examples › pass › 1: «副業で稼ぐ話» must not match, but does: Places with a listed word: 1. “副業で稼ぐ”"),  # noqa: E501
        (('"!副業で稼ぐ詐欺"', "副業で稼ぐ"), "f.yaml:7:20: word_lists › ads › words: '副業で稼ぐ' stands twice; first on line 7."),  # noqa: E501
        (("rules:", "rule:"), "f.yaml:8:1: rule: 'rule' is not known here. Did you mean rules?"),
        (("format: 1", "format: 2"), "f.yaml:1:9: format: This program reads format 1."),
        (("reasons:\n  - {", "reasons:\n  - &a {"), "f.yaml:3:5: Anchors (&) and aliases (*) are not read."),
        (("label_en: Spam", "label_en: !!python/name:os.system Spam"), "f.yaml:3:43: Tags such as"),
        (("check: links", "check: language\n    action: reject"), "f.yaml:24:13: rules › two-links › action: A rule of the check language must not reject; it may: flag, hold."),  # noqa: E501
        (("rules:\n", "rules: [\n"), "f.yaml:9:3: This is no YAML"),
        (("mode: off", "mode: off\n    mode: observe"), "f.yaml:26:5: mode: This key stands twice; first on line 25."),  # noqa: E501
    ],
    ids=lambda value: value[1][:20] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_fault_says_where_it_is_and_how_to_mend_it(swap: tuple[str, str], told: str) -> None:
    assert swap[0] in SMALL
    found = faults(SMALL.replace(swap[0], swap[1], 1))
    assert [each for each in found if each.startswith(told)], found


def test_all_faults_of_a_file_are_told_at_once_in_its_order() -> None:
    text = SMALL.replace("mode: enforce", "mode: on").replace("most: 2", "most: x")
    assert [each.split(": ")[0] for each in faults(text)] == ["f.yaml:14:11", "f.yaml:24:21"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "f.yaml:1:1: The file is empty"),
        (b"- a\n- b\n", "f.yaml:1:1: The file must be a mapping"),
        (b"reasons: spam\n", "f.yaml:1:10: reasons: must be a list"),
        (b"reasons:\n  - spam\n", "must be a mapping"),
        ("理由: 1\n".encode("shift_jis"), "f.yaml:1:1: This is no UTF-8"),
        (b"a: " + b"[" * 500, "f.yaml:1:15: This is deeper than 12 levels"),
        (b"rules: [" + b"a," * 200_000 + b"]", "over 100,000 values"),
        (b"#" * (MOST_BYTES + 1), "more than 2,097,152 bytes"),
        (b"a: 1\n---\nb: 1\n", "f.yaml:2:1: A second document"),
        (b"a: *b\n", "f.yaml:1:4: Anchors"),
        ("reasons:\n  # 理\x07由\n".encode(), "f.yaml:2:6: The character U+0007 may not stand in YAML"),
        (b"a: \x00\n", "f.yaml:1:4: The character U+0000"),
        (b'reasons:\n  - { slug: s, label_ja: "a\\0b", label_en: x }\n', "must hold no NUL"),
    ],
    ids=range(13),
)
def test_what_is_no_rule_file_is_refused_where_it_stands(data: bytes, told: str) -> None:
    assert any(told in each for each in faults(data))


def test_the_doubling_of_aliases_never_begins() -> None:
    """A billion laughs: refused at the first anchor."""
    bomb = "a0: &a0 [ha]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    assert faults(bomb) == ["f.yaml:1:5: Anchors (&) and aliases (*) are not read. Write it out."]


def test_several_files_are_read_as_one() -> None:
    head, _, rules = SMALL.partition("rules:")
    both = read([("a.yaml", head.encode()), ("b.yaml", f"rules:{rules}".encode())])
    assert both.rules == read([("f.yaml", SMALL.encode())]).rules
    with pytest.raises(
        Faulty, match=r"b\.yaml:3:5: reasons › spam: This slug stands twice; first at a\.yaml:3:5"
    ):
        read([("a.yaml", head.encode()), ("b.yaml", head.encode())])


# From here on with a database.


def run(*args: str) -> str:
    said = StringIO()
    call_command("rules", *args, stdout=said, stderr=StringIO())
    return said.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
        return str(tmp_path / "rules.yaml")

    return write


AWKWARD = [
    "off",
    "no",
    "1.10",
    "null",
    " ",
    "- a: b",
    "# x",
    "'",
    '"',
    "改\n行",
    "\u2028",
    "😀",
    "a: b",
    "!x",
    "|",
    "\t",
]


@pytest.mark.django_db
def test_export_import_export_gives_the_same_bytes(write: Callable[[str], str]) -> None:
    """However awkward what people typed, by whatever way it came in."""
    put_in_force(preset("balanced"), note="to begin with")
    site = world.make_site("yunagi")
    save_word_list(WordList(slug="awkward", name=" 名前: 'x' ", site=site, words="\r\n".join(AWKWARD)))
    Reason.objects.filter(slug="spam").update(public_ja="一行目\r\n\r\n  二行目 # 注\r\n", label_en="yes")
    save_rule(
        Rule(
            slug="awkward", name_ja="- 名前", name_en="null", site=site, check_slug="words", mode="off",
            word_list=WordList.objects.get(slug="awkward"), reason=Reason.objects.get(slug="spam"),
            message_ja="やり直し:\n「#1」", applies_to="not_staff",
            examples_match=["off", {"author_name": "1.0", "body": " a: b\n\n# off"}],
            examples_pass=["今日は"],
        )
    )  # fmt: skip
    first = run("export")
    sets = RuleSet.objects.count()
    assert run("import", write(first)).endswith("the same.\n")
    assert RuleSet.objects.count() == sets
    assert run("export") == first

    Rule.objects.update(name_ja="別", mode="off", params={}, site=None, examples_match=[], message_ja="x")
    Reason.objects.update(label_ja="別", public_ja="")
    save_word_list(WordList.objects.get(slug="threats"), by=None)
    WordList.objects.update(name="別", site=None)
    assert run("export") != first
    run("import", write(first), "--note", "as it was")
    assert run("export") == first


@pytest.mark.django_db
def test_an_import_is_one_rule_set_with_versions_of_what_changed(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    assert RuleSet.objects.count() == 1
    run("import", write(SMALL.replace("most: 2", "most: 4")), "--note", "more room")
    assert RuleSet.objects.count() == 2
    assert [
        (version.rule.slug, version.number, version.note) for version in RuleVersion.objects.order_by("pk")
    ] == [("ads", 1, ""), ("two-links", 1, ""), ("two-links", 2, "more room")]
    assert set(RuleSet.objects.latest("pk").versions.values_list("number", flat=True)) == {1, 2}


@pytest.mark.django_db
def test_another_word_makes_a_version_of_the_rules_that_use_it(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    run("import", write(SMALL.replace("[副業で稼ぐ,", "[副業で稼ぐ, 即日入金,")))
    assert RuleSet.objects.count() == 2
    newest = Rule.objects.get(slug="ads").versions.latest("number")
    assert newest.word_list_version is not None
    assert (newest.number, "即日入金" in newest.word_list_version.words) == (2, True)
    run("import", write(SMALL.replace("name: 宣伝", "name: 広告")))
    assert WordList.objects.get().name == "広告"


@pytest.mark.django_db
def test_a_wrong_file_changes_nothing(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    before = run("export")
    wrong = SMALL.replace("most: 2", "most: 5").replace("[副業で稼ぐ詐欺に注意]", "[副業で稼ぐ話]")
    with pytest.raises(SystemExit) as caught:
        run("import", write(wrong))
    assert caught.value.code == 1
    assert (run("export"), RuleSet.objects.count()) == (before, 1)


@pytest.mark.django_db
def test_a_list_that_a_rule_elsewhere_speaks_against_is_refused(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    only_list = SMALL.partition("rules:")[0].replace(', "!副業で稼ぐ詐欺"', "")
    with pytest.raises(Faulty, match="Ads: «副業で稼ぐ詐欺に注意» must not match, but does"):
        put_in_force(read([("f.yaml", only_list.encode())]))
    assert WordList.objects.get().versions.count() == 1


@pytest.mark.django_db
def test_what_the_file_does_not_have_is_switched_off_only_by_prune(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    without = SMALL.replace("slug: ads\n    name_ja", "slug: other\n    name_ja")
    assert "left as they are: ads" in run("import", write(without))
    assert Rule.objects.get(slug="ads").mode == "enforce"
    assert "- rule ads: switched off" in run("import", write(without), "--prune")
    rule = Rule.objects.get(slug="ads")
    assert (rule.mode, rule.versions.count()) == ("off", 2)
    assert RuleSet.objects.count() == 3
    run("import", write(without), "--prune")
    assert RuleSet.objects.count() == 3


@pytest.mark.django_db
def test_a_dry_run_tells_and_writes_nothing(write: Callable[[str], str]) -> None:
    run("import", write(SMALL))
    told = run("import", write(SMALL.replace("action: hold", "action: flag")), "--dry-run")
    assert "~ rule ads\n    action: hold → flag\n" in told
    assert (Rule.objects.get(slug="ads").action, RuleSet.objects.count()) == ("hold", 1)
    document = json.loads(run("import", write(SMALL), "--dry-run", "--json"))
    assert document == {"ok": True, "faults": [], "written": False, "changes": []}


@pytest.mark.django_db
def test_the_strict_preset_tells_how_it_differs() -> None:
    # Its rule that rejects has the preset for a reason, also where it is only shown.
    assert "+ rule words-spam" in run("import", "--preset", "balanced", "--dry-run")
    assert not Rule.objects.exists()
    run("import", "--preset", "balanced")
    told = run("import", "--preset", "strict", "--dry-run")
    assert "~ rule links-many" in told
    assert "most" in told
    document = json.loads(run("import", "--preset", "strict", "--json"))
    assert {change["what"] for change in document["changes"]} == {What.CHANGED}
    assert in_force().rules == preset("strict").rules


@pytest.mark.django_db
def test_names_are_looked_up_where_they_are(site: Site, write: Callable[[str], str]) -> None:
    of_site = SMALL.replace("check: links", "check: links\n    site: asagir")
    with pytest.raises(Faulty, match=r"site: 'asagir' is not known here\. Did you mean asagiri\?"):
        put_in_force(read([("f.yaml", of_site.encode())]))
    # A list does not become one site's while a rule that the file leaves alone is of all.
    put_in_force(read([("f.yaml", SMALL.encode())]))
    list_alone = SMALL.partition("rules:")[0].replace("name: 宣伝", "name: 宣伝\n    site: asagiri")
    with pytest.raises(Faulty, match=r"f\.yaml:7:11: word_lists › ads › site: Rules of all sites .*: ads\."):
        put_in_force(read([("f.yaml", list_alone.encode())]))
    put_in_force(read([("f.yaml", of_site.replace("asagir", "asagiri").encode())]))
    assert Rule.objects.get(slug="two-links").site == site
    # A file of rules alone names the reasons and lists that are there.
    only_rules = "rules:" + SMALL.partition("\nrules:")[2]
    assert "All well: 0 reasons, 0 word lists, 2 rules; 2 examples" in run("test", write(only_rules))


def test_a_file_is_tested_without_a_database(write: Callable[[str], str], monkeypatch: Any) -> None:
    from django.db import OperationalError

    from moderation.rule_files import store

    def absent() -> RuleFile:
        raise OperationalError

    monkeypatch.setattr(store, "in_force", absent)
    assert "No database is at hand" in run("test", write(SMALL))


@pytest.mark.django_db
def test_faults_as_json(write: Callable[[str], str]) -> None:
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "rules", "test", write(SMALL.replace("mode: enforce", "mode: on")), "--json", stdout=said
        )
    (fault,) = json.loads(said.getvalue())["faults"]
    assert (fault["line"], fault["column"], fault["field"]) == (14, 11, "rules › ads › mode")


@pytest.mark.parametrize("args", [["test"], ["test", "/no/such.yaml"], ["import", "a", "--preset", "strict"]])
def test_what_cannot_be_read_ends_with_two(args: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert caught.value.returncode == 2
