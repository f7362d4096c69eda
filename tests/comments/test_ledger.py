"""What the ledger keeps of a row."""

from comments.drafts import CommentDraft
from comments.formats.base import RAW_LIMIT, Notice, Row
from comments.imports.ledger import Ledger


def test_a_guess_is_kept_with_its_text_and_an_assumption_without() -> None:
    ledger = Ledger()
    draft = CommentDraft(body="どこまでが一つのコメントか。" * 800)
    notices = (Notice("guessed-split", "Nothing marks its beginning."), Notice("assumed-zone", "Asia/Tokyo"))
    ledger.settle(8, Row(place="line 9", draft=draft, notices=notices), "created")
    guess, assumption = ledger.entries
    assert guess[-1] == draft.body[: RAW_LIMIT // 4]
    assert len(guess[-1].encode()) <= RAW_LIMIT
    assert assumption[-1] == ""
