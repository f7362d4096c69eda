"""What looks the same has the same skeleton, what does not has another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.confusable import skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "Ａｄｍｉｎ"),
        ("admin", "аdmіn"),
        ("ADMIN", "ΑDΜΙΝ"),
        ("admin", "adm1n"),
        ("admin", "@dmin"),
        ("admin", "a d\u200bm-i.n★"),
        ("admin", "ádmïn"),
        ("modern", "modem"),
        ("O0oОο〇", "000000"),
        ("Il1|", "llll"),
        ("ロボット", "口ポット".replace("ポ", "ボ")),
        ("エディター", "工ディタ一"),
        ("エディター", "ｴﾃﾞｨﾀ-"),
        ("サーバー", "サ―バ─"),
        ("タカハシ", "夕力八シ"),
        ("編集部", "【編 集　部】"),
        ("編集部", "編輯部"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("ツ", "ッ"),
        ("へり", "ヘリ"),
        ("", "★…\u200b 　"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "admins"),
        ("編集部", "編集者"),
        ("ハ", "バ"),
        ("ハ", "パ"),
        ("せきしょ", "セキショ"),
        ("エディター", "エディタ"),
        ("田中一郎", "田中郎"),
        ("高橋", "高梨"),
        ("a-b", "aーb"),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=30))
def test_what_does_not_show_makes_no_difference(name: str) -> None:
    assert skeleton(f"\u200b{name} …") == skeleton(name)
    assert skeleton(name).isalnum() or skeleton(name) == ""
