"""WordPress exports, written here in both namespace schemes."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, Kind, SourceState
from comments.formats import detect
from comments.formats.base import Problem, Row
from tests.comments.formats.conftest import Read

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{v}/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:wp="http://wordpress.org/export/{v}/"><channel><title>港町だより</title>
<wp:wxr_version>{v}</wp:wxr_version><wp:tag><wp:tag_slug>sea</wp:tag_slug></wp:tag>
"""
TAIL = "</channel></rss>"


def export(*items: str, version: str = "1.2") -> str:
    return HEAD.format(v=version) + "".join(items) + TAIL


def item(*comments: str, **fields: str) -> str:
    values = {
        "post_id": "18",
        "post_date": "2024-03-01 18:30:00",
        "post_date_gmt": "2024-03-01 09:30:00",
        "comment_status": "open",
        "status": "publish",
        "post_type": "post",
    } | fields
    link = values.pop("link", "https://blog.example.jp/港/?p=18&amp;utm_medium=rss")
    encoded = values.pop("encoded", "<p>朝市は<b>六時</b>から。</p>")
    return (
        f"<item><atom:link>wrong</atom:link><title>朝市 &amp; 昼市</title><link>{link}</link>"
        f"<excerpt:encoded>抜粋</excerpt:encoded><content:encoded><![CDATA[{encoded}]]></content:encoded>"
        + "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in values.items())
        + "<wp:postmeta><wp:meta_key>post_id</wp:meta_key><wp:post_id>99</wp:post_id></wp:postmeta>"
        + "".join(comments)
        + "</item>"
    )


def comment(**fields: str) -> str:
    values = {
        "id": "6",
        "author": "<![CDATA[渡辺 健]]>",
        "author_email": " ken@example.jp\n ",
        "author_url": "http://",
        "author_IP": "::ffff:192.0.2.9",
        "date": "2024-03-02 08:00:01",
        "date_gmt": "2024-03-01 23:00:01",
        "content": "<![CDATA[楽しみに<br />しています。]]>",
        "approved": "1",
        "type": "",
        "parent": "0",
        "user_id": "0",
    } | fields
    return (
        "<wp:comment>"
        + "".join(f"<wp:comment_{k}>{v}</wp:comment_{k}>" for k, v in values.items())
        + "</wp:comment>"
    )


def only_comment(read: Read, **fields: str) -> Row | Problem:
    rows, fault = read("wxr", export(item(comment(**fields))))
    assert fault is None
    assert len(rows) == 2
    return rows[1]


def drafted(row: Row | Problem) -> CommentDraft:
    assert isinstance(row, Row), row
    assert isinstance(row.draft, CommentDraft)
    return row.draft


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_article_and_comment(read: Read, version: str) -> None:
    rows, fault = read("wxr", export(item(comment()), version=version))
    assert fault is None
    article, answer = rows
    assert isinstance(article, Row)
    assert isinstance(answer, Row)
    assert article.draft == ArticleDraft(
        external_id="18",
        url="https://blog.example.jp/%E6%B8%AF/?p=18",
        title="朝市 & 昼市",
        body="朝市は六時から。",
        published_at=datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
        closed=False,
    )
    assert answer.draft == CommentDraft(
        external_id="18:6",
        article="18",
        author_name="渡辺 健",
        author_email="ken@example.jp",
        ip=ip_address("192.0.2.9"),
        body="楽しみに\nしています。",
        posted_at=datetime(2024, 3, 1, 23, 0, 1, tzinfo=UTC),
        state=SourceState.APPROVED,
    )
    assert (article.place, answer.place) == ("item 1", "item 1, comment 1 (id 6)")
    assert article.notices == answer.notices == ()


STATES = [
    ("1", SourceState.APPROVED, ()),
    ("0", SourceState.PENDING, ()),
    ("spam", SourceState.SPAM, ()),
    ("trash", SourceState.TRASH, ()),
    ("post-trashed", SourceState.TRASH, ()),
    ("", SourceState.NONE, ()),
    ("maybe", SourceState.PENDING, ("unknown-state",)),
]


@pytest.mark.parametrize(("approved", "state", "codes"), STATES)
def test_states(read: Read, approved: str, state: SourceState, codes: tuple[str, ...]) -> None:
    row = only_comment(read, approved=approved)
    assert drafted(row).state is state
    assert isinstance(row, Row)
    assert tuple(notice.code for notice in row.notices) == codes


KINDS = [
    ("", Kind.COMMENT, "comments"),
    ("comment", Kind.COMMENT, "comments"),
    ("pingback", Kind.PINGBACK, "pings"),
    ("trackback", Kind.TRACKBACK, "pings"),
]


@pytest.mark.parametrize(("kind_text", "kind", "counted"), KINDS)
def test_kinds(read: Read, kind_text: str, kind: Kind, counted: str) -> None:
    row = only_comment(read, type=kind_text)
    assert drafted(row).kind is kind
    assert isinstance(row, Row)
    assert row.kind == counted


def test_threads_and_users(read: Read) -> None:
    draft = drafted(only_comment(read, parent="5", user_id="3"))
    assert (draft.parent, draft.author_id, draft.author_verified) == ("18:5", "wp:3", False)


def test_the_same_id_in_two_items_stays_two(read: Read) -> None:
    rows, _ = read("wxr", export(item(comment()), item(comment(), post_id="19")))
    assert [drafted(row).external_id for row in rows[1::2]] == ["18:6", "19:6"]


DATES = [
    ({"date_gmt": "0000-00-00 00:00:00"}, datetime(2024, 3, 1, 23, 0, 1, tzinfo=UTC), ("assumed-zone",)),
    ({"date_gmt": ""}, datetime(2024, 3, 1, 23, 0, 1, tzinfo=UTC), ("assumed-zone",)),
    ({"date_gmt": "", "date": ""}, None, ("no-date",)),
    ({"date": "nonsense"}, datetime(2024, 3, 1, 23, 0, 1, tzinfo=UTC), ()),
]


@pytest.mark.parametrize(("fields", "posted", "codes"), DATES)
def test_dates(read: Read, fields: dict[str, str], posted: datetime | None, codes: tuple[str, ...]) -> None:
    row = only_comment(read, **fields)
    assert drafted(row).posted_at == posted
    assert isinstance(row, Row)
    assert tuple(notice.code for notice in row.notices) == codes


BAD = [
    ({"date_gmt": "last week"}, "bad-date"),
    ({"date_gmt": "2024-02-30 00:00:00"}, "bad-date"),
    ({"id": ""}, "required"),
    ({"content": "<![CDATA[<!-- nothing -->]]>"}, "blank"),
    ({"type": "order_note"}, "unknown-type"),
    ({"type": "pingback", "content": ""}, "blank"),
]


@pytest.mark.parametrize(("fields", "code"), BAD)
def test_refused_comments(read: Read, fields: dict[str, str], code: str) -> None:
    problem = only_comment(read, **fields)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.kind == ("pings" if fields.get("type") == "pingback" else "comments")
    assert "渡辺 健" in problem.raw


ARTICLES = [
    ({"post_type": "page"}, 1),
    ({"post_type": "attachment", "status": "inherit"}, 0),
    ({"post_type": "nav_menu_item"}, 0),
    ({"status": "draft"}, 0),
]


@pytest.mark.parametrize(("fields", "count"), ARTICLES)
def test_which_items_are_articles(read: Read, fields: dict[str, str], count: int) -> None:
    assert len(read("wxr", export(item(**fields)))[0]) == count
    assert len(read("wxr", export(item(comment(), **fields)))[0]) == 2


def test_an_article_keeps_its_comments_without_link_or_date(read: Read) -> None:
    rows, _ = read(
        "wxr", export(item(comment(), link="/p/18", post_date_gmt="soon", comment_status="closed"))
    )
    article = rows[0]
    assert isinstance(article, Row)
    assert isinstance(article.draft, ArticleDraft)
    assert (article.draft.url, article.draft.published_at, article.draft.closed) == ("", None, True)
    assert [notice.code for notice in article.notices] == ["bad-url", "bad-date"]


def test_an_article_known_by_its_address_alone(read: Read) -> None:
    rows, _ = read("wxr", export(item(comment(parent="2"), post_id="")))
    draft = drafted(rows[1])
    assert draft.article == "https://blog.example.jp/%E6%B8%AF/?p=18"
    assert draft.external_id.endswith(":6")
    assert draft.parent == draft.external_id.removesuffix("6") + "2"


def test_an_item_that_nothing_names_is_a_problem_with_its_comments(read: Read) -> None:
    rows, _ = read("wxr", export(item(comment(), post_id="", link="")))
    assert [(row.kind, row.code) for row in rows if isinstance(row, Problem)] == [
        ("articles", "required"),
        ("comments", "no-article"),
    ]


DIALECT = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dsq="http://www.disqus.com/" xmlns:wp="http://wordpress.org/export/1.0/"><channel><item>
<title>灯台の見学会</title>{link}<content:encoded></content:encoded>
<dsq:thread_identifier>tour-7</dsq:thread_identifier><wp:comment_status>open</wp:comment_status>
<wp:comment><dsq:remote><dsq:id>keeper12</dsq:id><dsq:avatar>https://a.example/12.png</dsq:avatar></dsq:remote>
<wp:comment_id>65</wp:comment_id><wp:comment_author>灯台守</wp:comment_author>
<wp:comment_content><![CDATA[階段は<b>百段</b>あります。]]></wp:comment_content></wp:comment>
<wp:comment><wp:comment_id>66</wp:comment_id><wp:comment_parent>65</wp:comment_parent>
<wp:comment_date_gmt>2012-06-01 10:00:00</wp:comment_date_gmt><wp:comment_content>Lovely view.
</wp:comment_content></wp:comment></item></channel></rss>"""
LINKS = [
    ("<link>https://toudai.example.jp/tour</link>", "https://toudai.example.jp/tour", ""),
    ("", "", "tour-7"),
    ("<link>/tour</link>", "", "tour-7"),
]


@pytest.mark.parametrize(("link", "url", "key"), LINKS)
def test_the_dialect_of_disqus(read: Read, link: str, url: str, key: str) -> None:
    text = DIALECT.format(link=link)
    assert detect(text.encode()).slug == "wxr"
    rows, fault = read("wxr", text)
    assert fault is None
    article, first, second = rows
    assert isinstance(article, Row)
    assert isinstance(article.draft, ArticleDraft)
    assert (article.draft.url, article.draft.external_id, article.draft.partial) == (url, key, True)
    assert drafted(first).article == drafted(second).article == (url or key)
    assert (drafted(first).author_id, drafted(second).author_id) == ("sso:keeper12", "")
    assert drafted(first).state is SourceState.NONE
    assert drafted(first).body == "階段は百段あります。"
    assert drafted(second).parent == drafted(first).external_id
    assert [[notice.code for notice in row.notices] for row in (first, second) if isinstance(row, Row)] == [
        ["no-date"],
        [],
    ]


def test_quotes_and_links_survive_as_text(read: Read) -> None:
    html = '<blockquote>六時から。</blockquote>\n\n早い！ <a href="https://example.jp/bus">バス</a> 1 &lt; 2'
    draft = drafted(only_comment(read, content=f"<![CDATA[{html}]]>"))
    assert draft.body == "> 六時から。\n\n早い！ バス ( https://example.jp/bus ) 1 < 2"


def test_what_came_before_a_fault_stands(read: Read) -> None:
    rows, fault = read("wxr", HEAD.format(v="1.2") + item(comment()) + "\n<item><title>切れ</title")
    assert len(rows) == 2
    assert fault is not None
    assert fault.place.startswith("line 8, column")
    assert "well-formed" in fault.reason


STRAY = [("\n\n ", ()), ("\ufeff", ()), ("`", ("stray-start",))]


@pytest.mark.parametrize(("before", "codes"), STRAY)
def test_what_stands_before_the_declaration(read: Read, before: str, codes: tuple[str, ...]) -> None:
    rows, fault = read("wxr", before + export(item(comment())))
    assert fault is None
    assert [tuple(n.code for n in row.notices) for row in rows if isinstance(row, Row)] == [codes, ()]


def test_other_encodings_by_declaration(read: Read) -> None:
    text = export(item(comment()))
    for encoding in ("utf-16", "shift_jis", "euc-jp"):
        rows, fault = read("wxr", text.replace("UTF-8", encoding).encode(encoding))
        assert fault is None
        assert drafted(rows[1]).author_name == "渡辺 健"


def test_an_undecodable_byte_costs_its_comment_alone(read: Read) -> None:
    data = export(item(comment(id="5"), comment(author="船大工"), comment(id="7"))).encode()
    rows, fault = read("wxr", data.replace("船".encode(), b"\xe8\x88"))
    assert fault is None
    problem = rows[2]
    assert isinstance(problem, Problem)
    assert (problem.code, problem.place) == ("encoding", "item 1, comment 2 (id 6)")
    assert "byte 0xe8 (character 1) means nothing in utf-8" in problem.reason
    assert [drafted(row).external_id for row in (rows[1], rows[3])] == ["18:5", "18:7"]


def test_another_encoding_than_the_declared_one(read: Read) -> None:
    rows, _ = read("wxr", export(item(comment())).encode("cp932"), encoding="shift_jis")
    assert drafted(rows[1]).author_name == "渡辺 健"
    _, fault = read("wxr", export().replace("UTF-8", "klingon"))
    assert fault is not None
    assert "'klingon' is no encoding that we know" in fault.reason


ENTITY = '<!DOCTYPE rss [<!ENTITY a "{}">]>'
HOSTILE = [
    (ENTITY.format("lol") + "<rss><channel>&a;</channel></rss>", "document type"),
    ('<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>', "document type"),
    ("<feed/>", "another kind"),
    ("", "no XML"),
    ("just words", "no XML"),
    ("<rss>&nbsp;</rss>", "well-formed"),
    ("<rss>\0</rss>", "well-formed"),
    ("<rss>&#xd800;</rss>", "well-formed"),
    ("<rss>" + "<a>" * 300, "deeper"),
    ("<!--" + "x" * 1_100_000, "first MiB"),
    ("<rss><item><![CDATA[" + "x" * 13_000_000, "more than 12 MiB"),
    ("<rss><item post='" + "x" * 13_000_000, "more than 12 MiB"),
]


@pytest.mark.parametrize(("text", "words"), HOSTILE)
def test_hostile_files(read: Read, text: str, words: str) -> None:
    rows, fault = read("wxr", text)
    assert rows == []
    assert fault is not None
    assert words in fault.reason


PARTS = st.sampled_from([
    "<rss>", "<item>", "</item>", "<comment>", "</comment>", "<post_id>1</post_id>",
    "<comment_id>2</comment_id>",
    "<comment_content>x</comment_content>", "<comment_content>", "<![CDATA[", "]]>", "&lt;b&gt;",
    "</rss>", "&a;",
])  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=60), st.lists(PARTS, max_size=20).map(lambda p: ("<rss>" + "".join(p)).encode())
    )
)
def test_any_bytes_give_rows_or_a_clear_end(read: Read, data: bytes) -> None:
    rows, fault = read("wxr", data)
    assert all(row.place for row in rows)
    assert fault is None or fault.reason
