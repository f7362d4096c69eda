"""Publishers' servers that do not give up: each submission is sent until it is accepted.

Some answers are taken for lost and asked for again under the same
`Idempotency-Key`; some comments are edited as soon as they are accepted.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from bench.stand import SECRET

PATH = "/api/v1/comments/"
# A server that does not answer by then is asked again, in seconds.
TIMEOUT = 10.0
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment of article `article`; `edited` is the text that it gets later, empty for none.

    Its number is the author's id: so it is found again whatever became of it.
    """

    number: int
    article: str
    body: str
    edited: str = ""
    asked_twice: bool = False

    def document(self, body: str) -> dict[str, Any]:
        fields = {
            "article": self.article,
            "author_name": f"読者{self.number}",
            "author_email": f"reader{self.number}@example.com",
            "author_id": f"chaos-{self.number}",
            "body": body,
            "ip": f"198.51.{self.number // 250 % 250}.{self.number % 250}",
        }
        return fields | ({"external_id": f"chaos-{self.number}"} if self.edited else {})

    @property
    def keys(self) -> list[str]:
        """The idempotency keys under which it is sent."""
        return [f"chaos-{self.number}", *([f"chaos-{self.number}-edit"] if self.edited else [])]


@dataclass
class Tally:
    """What the clients saw. `accepted` is `{submission: ids that it was answered with}`."""

    accepted: dict[int, set[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    replays: int = 0
    in_flight: int = 0


class Clients:
    """Threads that send what `release` lets through, in order."""

    def __init__(self, port: int, submissions: Sequence[Submission], count: int) -> None:
        self.port = port
        self.submissions = submissions
        self.tally = Tally()
        self.released = 0
        self._next = 0
        self._change = threading.Condition()
        self._stopped = False
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def release(self, count: int) -> None:
        with self._change:
            self.released = min(self.released + count, len(self.submissions))
            self._change.notify_all()

    def stop(self) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()

    @property
    def done(self) -> int:
        """How many submissions are accepted, edits included."""
        return len(self.tally.accepted)

    def _take(self) -> Submission | None:
        with self._change:
            self._change.wait_for(lambda: self._stopped or self._next < self.released)
            if self._stopped:
                return None
            self._next += 1
            self.tally.in_flight += 1
            return self.submissions[self._next - 1]

    def _work(self) -> None:
        line = _Line(self.port)
        while (submission := self._take()) is not None:
            ids: set[str] = set()
            for key, body in zip(submission.keys, (submission.body, submission.edited), strict=False):
                for _ in range(2 if submission.asked_twice else 1):
                    ids.add(self._send(line, submission.document(body), key))
            with self._change:
                self.tally.in_flight -= 1
                self.tally.accepted[submission.number] = ids

    def _send(self, line: _Line, document: dict[str, Any], key: str) -> str:
        """Send until it is accepted; the id in the answer, empty if it is refused for good."""
        while not self._stopped:
            try:
                status, replayed, answer = line.post(document, key)
            except (OSError, HTTPException) as error:
                self._note(type(error).__name__)
                line.close()
            else:
                if status == 202:
                    self.tally.replays += replayed
                    return str(answer["id"])
                self._note(str(status))
                if status < 500 and status != 429:
                    self.tally.refused.append(f"{key}: {status} {answer}")
                    return ""
            time.sleep(PAUSE)
        return ""

    def _note(self, failure: str) -> None:
        with self._change:
            self.tally.failures[failure] += 1


class _Line:
    """A keep-alive connection, made anew when it broke."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def post(self, document: dict[str, Any], key: str) -> tuple[int, bool, Any]:
        """Status, whether it was a replay, and the answer."""
        headers = {
            "Authorization": f"Bearer {SECRET}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        self._connection.request("POST", PATH, json.dumps(document).encode(), headers)
        response = self._connection.getresponse()
        raw = response.read()
        replayed = response.headers.get("Idempotency-Replayed") == "true"
        return response.status, replayed, json.loads(raw) if response.status == 202 else raw[:300]

    def close(self) -> None:
        self._connection.close()
