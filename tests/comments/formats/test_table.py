"""Tables: columns by name or by hand, quotes of any kind, a problem a row."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats import by_slug, detect, records
from comments.formats.base import Options, Problem, Row, Unreadable
from comments.formats.columns import KNOWN, found, pairs
from comments.formats.records import Records

Table = Callable[..., list[Row | Problem]]


def table(data: str | bytes, *columns: str, encoding: str = "utf-8", url: str = "") -> list[Row | Problem]:
    options = Options(zone=ZoneInfo("Asia/Tokyo"), url=url, columns=pairs(columns), encoding=encoding)
    raw = data if isinstance(data, bytes) else data.encode(encoding)
    return list(by_slug("csv").read(io.BytesIO(raw), options))


def drafts(rows: list[Row | Problem]) -> list[CommentDraft]:
    return [row.draft for row in rows if isinstance(row, Row) and isinstance(row.draft, CommentDraft)]


def problems(rows: list[Row | Problem]) -> list[tuple[str, str]]:
    return [(row.place, row.code) for row in rows if isinstance(row, Problem)]


JA = (
    "コメントID,記事ID,記事URL,記事タイトル,返信先,お名前,メールアドレス,IPアドレス,本文,投稿日時,状態\r\n"
    'c1,a7,https://example.jp/onsen,共同浴場の存続,,佐伯,saeki@example.jp,192.0.2.4,"朝湯が、好きです。\r\n'
    '""また""来ます。",2024/3/1 8:05,承認\r\n'
)


def test_all_columns_by_their_names() -> None:
    article, comment = table(JA)
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert article.draft == ArticleDraft(
        external_id="a7", url="https://example.jp/onsen", title="共同浴場の存続", partial=True
    )
    assert (comment.place, [notice.code for notice in comment.notices]) == ("line 2", ["assumed-zone"])
    assert comment.draft == CommentDraft(
        external_id="c1",
        article="a7",
        author_name="佐伯",
        author_email="saeki@example.jp",
        ip=ip_address("192.0.2.4"),
        body='朝湯が、好きです。\n"また"来ます。',
        posted_at=datetime(2024, 2, 29, 23, 5, tzinfo=UTC),
        state=SourceState.APPROVED,
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "shift_jis", "cp932", "euc_jp"])
def test_encodings(encoding: str) -> None:
    name = "shift_jis" if encoding == "cp932" else encoding
    data = JA.replace("佐伯", "髙橋" if encoding in {"utf-8-sig", "cp932"} else "佐伯")
    rows = table(data.encode(encoding), encoding=name)
    assert problems(rows) == []
    assert drafts(rows)[0].body.startswith("朝湯が")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_told_by_content(delimiter: str) -> None:
    head = delimiter.join(["id", "page_url", "Name", "Comment", "likes"])
    rows = table(f"{head}\n1{delimiter}https://example.com/x{delimiter}Ana{delimiter}Fine.{delimiter}3\n")
    assert drafts(rows)[0].author_name == "Ana"
    first = rows[0]
    assert isinstance(first, Row)
    assert [notice.text for notice in first.notices if notice.code == "unused-columns"] == [
        "Not read: likes."
    ]


def test_columns_named_by_hand() -> None:
    data = "key,subject,who,what,page\n5,x,Tom,Splendid view.,/lake\n"
    rows = table(data, "id=key,author_name=who", "body=what", url="https://example.com/lake")
    (draft,) = drafts(rows)
    assert (draft.external_id, draft.author_name, draft.body) == ("5", "Tom", "Splendid view.")
    assert draft.article == "https://example.com/lake"


def test_a_column_may_be_left_out_by_hand() -> None:
    rows = table("id,article,name,body\n1,a,Kim,Good.\n", "author_name=")
    assert drafts(rows)[0].author_name == ""


WRONG = [
    (
        "id,article,name,body\n",
        ["author_name=名前"],
        r"no column '名前' .* columns id, article, name, body",
    ),
    ("id,name,when\n", [], r"no column for body, article or url .*--columns body=…"),
    ("id,name,body\n", [], r"no column for article or url"),
    ('"id,body\n', [], "does not close"),
    ("", [], "is empty"),
]


@pytest.mark.parametrize(("data", "columns", "words"), WRONG)
def test_a_table_that_does_not_fit_is_refused(data: str, columns: list[str], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        table(data, *columns)


@pytest.mark.parametrize("text", ["colour=x", "body", "=x", "body=a,body=b"])
def test_a_mapping_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="--columns"):
        pairs([text])


def test_a_comma_in_a_columns_name() -> None:
    assert pairs(['"body=What, then?",id=Nr']) == {"body": "What, then?", "id": "Nr"}


def test_every_known_name_is_found_and_means_one_thing() -> None:
    for target, names in KNOWN.items():
        for name in names:
            assert found([f" {name.upper()} "]) == {target: 0}
    assert found(["Author_Name", "comment-author", "E-mail"]) == {"author_name": 0, "author_email": 2}


HEAD = "id,article,name,body,date,parent,no\n"
GOOD = '9,a,Mia,"Last, but not least.",2024-03-01T10:00:00Z,0,4\n'
BAD = [
    ("1,a,Mia,Short\n", "too-few-fields"),
    ("1,a,Mia,One, two,2024-03-01T10:00:00Z,0,1\n", "too-many-fields"),
    (",a,Mia,No id,2024-03-01T10:00:00Z,,\n", "required"),
    ("1,,Mia,No article,2024-03-01T10:00:00Z,,\n", "required"),
    ("1,a,Mia, ,2024-03-01T10:00:00Z,,\n", "blank"),
    ("1,a,Mia,x,03/04/2024,,\n", "bad-date"),
    ("1,a,Mia,x,,,one\n", "range"),
    ("1,a,Mia,x,,,0\n", "range"),
    ('1,a,"Mia,x,,,\n', "unclosed-quote"),
    (f"1,a,Mia,{'x' * 140_000},,,\n", "csv"),
]


@pytest.mark.parametrize(("line", "code"), BAD)
def test_a_bad_row_is_a_problem_of_its_own(line: str, code: str) -> None:
    rows = table(HEAD + line + GOOD.replace('"Last, but not least."', "Last"))
    assert problems(rows) == [("line 2", code)]
    (last,) = drafts(rows)
    assert (last.external_id, last.number, last.parent) == ("9", 4, "")


def test_bytes_of_another_encoding_are_named() -> None:
    rows = table(HEAD.encode() + "1,a,三浦,よい,,,\n".encode("cp932") + GOOD.encode())
    assert problems(rows) == [("line 2", "encoding")]
    assert "--encoding" in next(row.reason for row in rows if isinstance(row, Problem))


@pytest.mark.parametrize("encoding", ["utf8-sjis", "hex", "rot13"])
def test_encodings_that_are_none(encoding: str) -> None:
    options = Options(zone=ZoneInfo("UTC"), encoding=encoding)
    with pytest.raises(Unreadable, match=f"'{encoding}' is no encoding"):
        list(by_slug("csv").read(io.BytesIO(HEAD.encode()), options))


def test_quotes_that_are_odd_but_plain() -> None:
    rows = table(HEAD + '1,a,"Mia" K,5" is enough,,,\n2,a,M"i"a,x,,,\n' + GOOD)
    assert problems(rows) == []
    assert [draft.author_name for draft in drafts(rows)] == ["Mia K", 'M"i"a', "Mia"]
    notices = [notice.code for row in rows if isinstance(row, Row) for notice in row.notices]
    assert notices.count("odd-quotes") == 1


def test_rows_without_ids_are_known_by_what_they_say() -> None:
    data = "article,name,comment\na,Mia,Yes.\na,Mia,No.\n"
    first, again = table(data), table("article,name,comment\na,Mia,No.\na,Mia,Yes.\n")
    assert {draft.external_id for draft in drafts(first)} == {draft.external_id for draft in drafts(again)}
    assert isinstance(first[0], Row)
    assert [notice.code for notice in first[0].notices] == ["no-id", "no-date"]


def test_states_and_times() -> None:
    cells = ["公開", "1", "Pending", "スパム", "削除", "", "？"]
    rows = table("id,article,body,状態,日時\n" + "".join(f"{n},a,x,{s},\n" for n, s in enumerate(cells, 1)))
    assert [draft.state.value for draft in drafts(rows)] == [
        *("approved", "approved", "pending", "spam", "trash", "", "pending")
    ]
    last = rows[-1]
    assert isinstance(last, Row)
    assert [notice.code for notice in last.notices] == ["no-date", "unknown-state"]


@pytest.mark.parametrize(
    "data", [JA.encode("cp932"), JA.encode("euc_jp"), JA.encode("utf-8-sig"), HEAD.encode()]
)
def test_told_by_content(data: bytes) -> None:
    assert detect(data).slug == "csv"


# --- records -------------------------------------------------------------------

CELL = st.text(st.sampled_from('ab,;\t" \n語'), max_size=8)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6), st.sampled_from(",\t;"))
def test_what_a_writer_wrote_is_read(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    found = list(Records(io.BytesIO(out.getvalue().encode()), "utf-8").read(delimiter))
    assert [list(record.fields) for record in found] == rows
    assert not any(record.fault or record.odd for record in found)


@given(st.text(st.sampled_from('a,"\n\r\0é'), max_size=80).map(str.encode) | st.binary(max_size=60))
def test_every_line_is_in_one_record(data: bytes) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    found = list(Records(io.BytesIO(data), "utf-8").read(","))
    numbers = [record.number for record in found]
    assert numbers == sorted(set(numbers))
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert {at for at, line in enumerate(lines, 1) if line.strip()} >= set(numbers) or not data


def test_quotes_without_end_are_read_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line opens a quote behind the one that it closes: read ahead for all, it would be quadratic."""
    monkeypatch.setattr(records, "_UNCLOSED", 3)
    looked = 0
    real = records._quoted_after

    def counted(line: str, quoted: bool, delimiter: str) -> tuple[bool, bool]:
        nonlocal looked
        looked += 1
        return real(line, quoted, delimiter)

    monkeypatch.setattr(records, "_quoted_after", counted)
    found = list(Records(io.BytesIO(b'a"b,"x\n' * 1000), "utf-8").read(","))
    assert [record.fault and record.fault[0] for record in found] == ["unclosed-quote"] * 1000
    assert looked < 4 * 1000 + 10


def test_a_line_without_end_is_passed_over() -> None:
    data = b'1,"x\n' + b"y" * (records.LINE_LIMIT + 10) + b"\n2,z\n"
    found = list(Records(io.BytesIO(data), "utf-8").read(","))
    assert [(record.number, record.fault and record.fault[0]) for record in found] == [
        (1, "unclosed-quote"),
        (2, "line-too-long"),
        (3, None),
    ]
