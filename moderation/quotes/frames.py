"""The frame of a mail or of code around words: no quote, though it may be led by the sign.

Signatures, footers of lists, headers of forwarded mails, the output of `diff`
and fenced code.
"""

import re
from collections.abc import Sequence

# A signature has four lines by custom; with eight it has none of the words behind it.
_SIGNATURE_LINES = 8
_HUNK = re.compile(r"\d{1,9}(?:,\d{1,9})?[acd]\d{1,9}(?:,\d{1,9})?\s*$")
_HEADER = re.compile(
    r"\*{0,2}(?P<name>From|Sent|Date|To|Cc|Bcc|Subject|Reply-To|Message-ID|In-Reply-To|Newsgroups"
    r"|差出人|送信者|送信元|送信日時|日時|日付|宛先|件名|題名|返信先)\*{0,2}\s?[:：](?P<value>.*)",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"-{2,}\s?(?:original message|forwarded message|(?:元の|転送された?|オリジナル)メッセージ)\s?-{2,}"
    r"|begin forwarded message[:：]|(?:転送された?メッセージ|元のメッセージ)[:：]?",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"_{20,}|to unsubscribe from this list[:：,].*|sent from my \S.{0,40}|(?:iphone|ipad|android)から送信",
    re.IGNORECASE,
)
_SENDER = {"from", "差出人", "送信者", "送信元"}


def outside(raws: Sequence[str]) -> set[int]:
    """Which of a body's lines no quote can be: fenced code, output of `diff`, a signature."""
    return {*_fenced(raws), *_diffs(raws), *_signature(raws)}


def _fenced(raws: Sequence[str]) -> list[int]:
    fences = [number for number, raw in enumerate(raws) if raw.startswith(("```", "~~~"))]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return [number for first, last in pairs for number in range(first, last)]


def _diffs(raws: Sequence[str]) -> list[int]:
    """The lines that `diff` prints: `12c13`, `< old`, `---`, `> new`."""
    found: list[int] = []
    inside = old = False
    for number, raw in enumerate(raws):
        text = raw.rstrip()
        if _HUNK.match(text) or (old and text == "---"):
            inside = True
        elif not text.startswith(("< ", "> ", "---", "\\ No newline")):
            inside = False
        old = text.startswith("< ")
        if inside:
            found.append(number)
    return found


def _signature(raws: Sequence[str]) -> list[int]:
    found: list[int] = []
    left = 0
    for number, raw in enumerate(raws):
        text = raw.rstrip("\r\n")
        if text in {"-- ", "--"}:
            left = _SIGNATURE_LINES + 1
        elif left and not text.strip():
            left = 0
        if left:
            found.append(number)
            left -= 1
    return found


def framed(texts: Sequence[str]) -> tuple[set[int], str]:
    """Which of a block's lines are frame and no words, and whom a header among them names as the sender."""
    found, sender = _headers(texts)
    left = 0
    for number, text in enumerate(texts):
        bare = text.strip()
        if not bare:
            left = 0
        elif text in {"-- ", "--"} or _is_footer(bare, texts[number + 1 : number + 2]):
            left = _SIGNATURE_LINES + 1
        if left:
            found.add(number)
            left -= 1
        elif "essage" in bare or "メッセージ" in bare:
            found.update([number] if _BANNER.fullmatch(bare) else ())
    return found, sender


def is_header(text: str) -> bool:
    """Whether the line is a header of a mail, such as `Subject: …`, with or without markers."""
    return (":" in text or "：" in text) and _HEADER.search(text) is not None


def forwarded(texts: Sequence[str]) -> str:
    """Whom the headers name as the sender that `texts` end with."""
    found, sender = _headers(texts)
    return sender if len(texts) - 1 in found else ""


def _headers(texts: Sequence[str]) -> tuple[set[int], str]:
    """Runs of two headers or more, with the addresses that a wrap put on lines of their own."""
    found: set[int] = set()
    sender = ""
    run: list[int] = []
    for number, text in enumerate([*texts, ""]):
        header = _HEADER.fullmatch(text.strip()) if ":" in text or "：" in text else None
        if header or (run and "@" in text):
            run.append(number)
            if header and header["name"].lower() in _SENDER:
                sender = sender or header["value"].strip()
            continue
        if sum(1 for each in run if ":" in texts[each] or "：" in texts[each]) >= 2:
            found.update(run)
        run = []
    return found, sender if found else ""


def _is_footer(text: str, following: Sequence[str]) -> bool:
    if _FOOTER.match(text) is None:
        return False
    return not text.startswith("_") or any("mailing list" in each or "@" in each for each in following)
