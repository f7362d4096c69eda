"""Sentences of a newspaper and its readers, from a seeded generator."""

from __future__ import annotations

import random

TOPICS = [
    "港の再開発",
    "鉄道の減便",
    "給食費の無償化",
    "橋の架け替え",
    "図書館の移転",
    "水道料金",
    "防災訓練",
    "路線バス",
    "空き家対策",
    "市民病院",
]
SUBJECTS = [
    "市は",
    "県は",
    "議会は",
    "住民は",
    "町内会は",
    "専門家は",
    "事業者は",
    "担当課は",
    "利用者は",
    "近隣の店は",
]
PARTS = [
    "来年度から",
    "三月末までに",
    "段階的に",
    "予定どおり",
    "秋の補正予算で",
    "住民説明会のあとで",
    "当面のあいだ",
    "全額を",
]
VERBS = [
    "始めると発表した。",
    "見直すべきだ。",
    "反対している。",
    "説明が足りないと思う。",
    "賛成の声も多い。",
    "費用は{n}億円に上る。",
    "{n}人が参加した。",
    "結論を先送りした。",
    "もう少し様子を見たい。",
    "知りませんでした。",
    "数字の根拠を示してほしい。",
]
# Of other pages: a quote from nowhere must not be like what readers write here, or it is an altered one.
ELSEWHERE = (
    ["雪解けの遅い谷では", "古い灯台のそばで", "祖母の日記には", "望遠鏡をのぞくと", "台所の窓辺に"],
    [
        "渡り鳥が羽を休め",
        "木星の縞がにじみ",
        "梅干しの壺が並び",
        "夜行列車の汽笛が響き",
        "猫が毛づくろいをし",
    ],
    [
        "、誰も気にとめなかったらしい。",
        "、翌朝には霜が降りた。",
        "、手紙の返事を待っていた。",
        "、眠れぬまま明け方になった。",
    ],
)
ENGLISH = (
    ["The council", "Our neighbourhood", "The ferry company", "My daughter's school", "The hospital board"],
    [
        "should publish the figures for",
        "has said nothing about",
        "asked us twice about",
        "will have to pay for",
        "changed its mind on",
    ],
    [
        "the harbour plan",
        "the night buses",
        "the new bridge",
        "the library's move",
        "the water rates",
        "the flood drills",
    ],
    [
        "before the spring.",
        "and {n} people noticed.",
        "at a cost of {n} million.",
        "again this year.",
        "without a vote.",
        "since I moved here.",
    ],
)


def sentence(rng: random.Random) -> str:
    """One sentence of some 30 characters."""
    verb = rng.choice(VERBS).format(n=rng.randint(2, 980))
    return f"{rng.choice(SUBJECTS)}{rng.choice(TOPICS)}について、{rng.choice(PARTS)}{verb}"


def text(rng: random.Random, sentences: int) -> str:
    """A text of so many sentences."""
    return "".join(sentence(rng) for _ in range(sentences))


def english(rng: random.Random) -> str:
    """One English sentence of some 60 characters."""
    return " ".join(rng.choice(part) for part in ENGLISH).format(n=rng.randint(2, 980))
