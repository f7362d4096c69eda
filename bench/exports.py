"""A seeded archive as the export of another system: WordPress's WXR 1.2 or Disqus's XML.

    python -m bench.exports wxr 100000 FILE [--seed N]
    python -m bench.exports disqus 100000 FILE

The same seed makes the same bytes. The memory is that of a few articles,
however many comments there are.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from html import escape
from pathlib import Path

from bench.archive import Article, Comment, article, articles, articles_of

SEED = 20261122
_JST = timezone(timedelta(hours=9))
# Articles whose comments stand mixed in a Disqus file, by their time.
_WINDOW = 20
_APPROVED = {"approved": "1", "pending": "0", "spam": "spam", "trash": "trash"}


def wxr(seed: int, comments: int) -> Iterator[str]:
    """The pieces of a WXR file: an item an article, with its comments in it."""
    yield (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!-- generator="WordPress/6.4" -->\n'
        '<rss version="2.0"\n\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"\n'
        '\txmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
        '\txmlns:dc="http://purl.org/dc/elements/1.1/"\n\txmlns:wp="http://wordpress.org/export/1.2/">\n'
        "<channel>\n\t<title>朝霧新報</title>\n\t<link>https://asagiri.example.jp</link>\n"
        "\t<wp:wxr_version>1.2</wp:wxr_version>\n"
    )
    for each in articles(seed, comments):
        yield _item(each)
        yield from map(_wp_comment, each.comments)
        yield "\t</item>\n"
    yield "</channel>\n</rss>\n"


def _item(made: Article) -> str:
    local, gmt = _wp_times(made.published_at)
    body = "\n\n".join(f"<p>{part}</p>" for part in made.body.split("\n\n"))
    return (
        f"\t<item>\n\t\t<title><![CDATA[{made.title}]]></title>\n\t\t<link>{made.link}</link>\n"
        "\t\t<dc:creator><![CDATA[henshu]]></dc:creator>\n\t\t<description></description>\n"
        f"\t\t<content:encoded><![CDATA[{body}]]></content:encoded>\n"
        "\t\t<excerpt:encoded><![CDATA[]]></excerpt:encoded>\n"
        f"\t\t<wp:post_id>{made.number}</wp:post_id>\n"
        f"\t\t<wp:post_date><![CDATA[{local}]]></wp:post_date>\n"
        f"\t\t<wp:post_date_gmt><![CDATA[{gmt}]]></wp:post_date_gmt>\n"
        "\t\t<wp:comment_status><![CDATA[open]]></wp:comment_status>\n"
        "\t\t<wp:status><![CDATA[publish]]></wp:status>\n"
        "\t\t<wp:post_type><![CDATA[post]]></wp:post_type>\n"
    )


def _wp_comment(made: Comment) -> str:
    local, gmt = _wp_times(made.posted_at)
    user = made.user.removeprefix("reader") or "0"
    body = made.body if made.ping else escape(made.body, quote=False)
    return (
        f"\t\t<wp:comment>\n\t\t\t<wp:comment_id>{made.number}</wp:comment_id>\n"
        f"\t\t\t<wp:comment_author><![CDATA[{made.name}]]></wp:comment_author>\n"
        f"\t\t\t<wp:comment_author_email><![CDATA[{made.email}]]></wp:comment_author_email>\n"
        f"\t\t\t<wp:comment_author_url>{made.site}</wp:comment_author_url>\n"
        f"\t\t\t<wp:comment_author_IP><![CDATA[{made.ip}]]></wp:comment_author_IP>\n"
        f"\t\t\t<wp:comment_date><![CDATA[{local}]]></wp:comment_date>\n"
        f"\t\t\t<wp:comment_date_gmt><![CDATA[{gmt}]]></wp:comment_date_gmt>\n"
        f"\t\t\t<wp:comment_content><![CDATA[{body}]]></wp:comment_content>\n"
        f"\t\t\t<wp:comment_approved><![CDATA[{_APPROVED[made.state]}]]></wp:comment_approved>\n"
        f"\t\t\t<wp:comment_type><![CDATA[{'pingback' if made.ping else 'comment'}]]></wp:comment_type>\n"
        f"\t\t\t<wp:comment_parent>{made.parent}</wp:comment_parent>\n"
        f"\t\t\t<wp:comment_user_id>{user}</wp:comment_user_id>\n\t\t</wp:comment>\n"
    )


def _wp_times(time: datetime) -> tuple[str, str]:
    """Local and GMT."""
    return f"{time.astimezone(_JST):%Y-%m-%d %H:%M:%S}", f"{time:%Y-%m-%d %H:%M:%S}"


def disqus(seed: int, comments: int) -> Iterator[str]:
    """The pieces of a Disqus file: all threads, then the posts; it has no pingbacks, so these are posts."""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals">\n'
        '<category dsq:id="1">\n<forum>asagiri</forum>\n<title>General</title>\n</category>\n'
    )
    yield from map(_thread, articles(seed, comments))
    for first in range(0, articles_of(comments), _WINDOW):
        last = min(first + _WINDOW, articles_of(comments))
        yield from _posts([article(seed, comments, number) for number in range(first, last)], seed + first)
    yield "</disqus>\n"


def _thread(made: Article) -> str:
    return (
        f'<thread dsq:id="{7_000_000 + made.number}">\n<id>{made.number}</id>\n<forum>asagiri</forum>\n'
        f'<category dsq:id="1" />\n<link>{made.link}</link>\n<title>{made.title}</title>\n<message />\n'
        f"<createdAt>{made.published_at:%Y-%m-%dT%H:%M:%SZ}</createdAt>\n"
        "<author>\n<name>編集部</name>\n<isAnonymous>false</isAnonymous>\n<username>henshu</username>\n"
        "</author>\n<isClosed>false</isClosed>\n<isDeleted>false</isDeleted>\n</thread>\n"
    )


def _posts(together: list[Article], seed: int) -> Iterator[str]:
    """The posts of neighbouring articles by their time; a few stand a day too late, behind replies."""
    rng = random.Random(seed)
    posts = [(comment, made.number) for made in together for comment in made.comments]
    posts.sort(key=lambda post: post[0].posted_at + timedelta(days=rng.random() < 0.05))
    return (_post(comment, thread) for comment, thread in posts)


def _post(made: Comment, thread: int) -> str:
    body = made.body if made.ping else escape(made.body, quote=False)
    message = "\n\n".join(f"<p>{part}</p>" for part in body.replace("\n", "<br>").split("<br><br>"))
    parent = f'<parent dsq:id="{90_000_000 + made.parent}" />\n' if made.parent else ""
    username = f"<username>{made.user}</username>\n" if made.user else ""
    approved = "<isApproved>false</isApproved>\n" if made.state == "pending" else ""
    return (
        f'<post dsq:id="{90_000_000 + made.number}">\n<id />\n<message><![CDATA[{message}]]></message>\n'
        f"<createdAt>{made.posted_at:%Y-%m-%dT%H:%M:%SZ}</createdAt>\n"
        f"<isDeleted>{_flag(made.state == 'trash')}</isDeleted>\n"
        f"<isSpam>{_flag(made.state == 'spam')}</isSpam>\n{approved}"
        f"<author>\n<name>{made.name}</name>\n<email>{made.email}</email>\n"
        f"<isAnonymous>{_flag(not made.user)}</isAnonymous>\n{username}</author>\n"
        f"<ipAddress>{made.ip}</ipAddress>\n"
        f'<thread dsq:id="{7_000_000 + thread}" />\n{parent}</post>\n'
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


KINDS: dict[str, Callable[[int, int], Iterator[str]]] = {"wxr": wxr, "disqus": disqus}


def write(kind: str, comments: int, path: Path, seed: int = SEED) -> None:
    """Write an export of so many comments to `path`."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(KINDS[kind](seed, comments))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.exports",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("comments", type=int, help="how many")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=SEED, help=f"(default: {SEED})")
    options = parser.parse_args()
    if options.comments < 1:
        parser.error("comments: give a number from 1.")
    write(options.kind, options.comments, options.file, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
