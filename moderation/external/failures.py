"""Why a service did not answer, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

FAILURES: Mapping[str, Mapping[str, str]] = {
    "timeout": {
        "ja": "時間内に答えがありませんでした。",
        "en": "It did not answer in time.",
    },
    "unreachable": {
        "ja": "つながりませんでした。",
        "en": "It could not be reached.",
    },
    "paused": {
        "ja": "続けて答えがなかったため、しばらく尋ねていません。",
        "en": "It was not asked: it had not answered a moment ago.",
    },
    "status": {
        "ja": "HTTP {status} が返されました。",
        "en": "It answered with HTTP {status}.",
    },
    "bad-answer": {
        "ja": "答えが仕様どおりではありません。docs/external.mdを見てください。",
        "en": "Its answer is none that docs/external.md describes.",
    },
    "too-large": {
        "ja": "答えが大きすぎます。",
        "en": "Its answer is too large.",
    },
    "key-refused": {
        "ja": "鍵または内容が受け付けられませんでした。",
        "en": "It did not accept the key, or what was sent.",
    },
    "no-address": {
        "ja": "IPアドレスが分からないため、尋ねられません。",
        "en": "It wants a network address, and this comment has none.",
    },
    "no-blog": {
        "ja": "サイトのアドレスが分かりません。ルールに書いてください。",
        "en": "The address of the site is not known: write it into the rule.",
    },
    "no-secret": {
        "ja": "ルールが指す環境変数がありません。",
        "en": "The environment does not have the variable that the rule names.",
    },
    "bad-secret": {
        "ja": "鍵がwhsec_とBase64（24バイト以上）の形になっていません。",
        "en": "The key is not whsec_ and base64 of at least 24 bytes.",
    },
    "not-for-host": {
        "ja": "この鍵は、そのホストに送れません。…_HOSTSにホストを加えてください。",
        "en": "The key may not be sent to that host: its variable with _HOSTS must name the host.",
    },
    "not-https": {
        "ja": "https://ではないアドレスには送りません。",
        "en": "Nothing is sent to an address without https://.",
    },
    "not-permitted": {
        "ja": "内部のネットワークのアドレスです。必要ならEXTERNAL_ALLOWED_HOSTSに加えてください。",
        "en": "It is inside a private network; EXTERNAL_ALLOWED_HOSTS would have to name it.",
    },
    "error": {
        "ja": "尋ねる途中でエラーが起きました。ログを見てください。",
        "en": "Asking failed; the log says how.",
    },
}
# What speaks against the service, and not against one comment or a setting of ours.
_ITS_OWN = {"timeout", "unreachable", "bad-answer", "too-large", "key-refused"}


def in_words(failure: str, language: str) -> str:
    """A failure's sentence in `ja` or `en`; an unknown one as it is."""
    code, _, status = failure.rpartition("-") if failure.startswith("status-") else (failure, "", "")
    return FAILURES[code][language].format(status=status) if code in FAILURES else failure


def is_of_service(failure: str) -> bool:
    """Whether the service itself is at fault, so that it makes sense to leave it alone for a while."""
    return failure in _ITS_OWN or failure.startswith("status-")
