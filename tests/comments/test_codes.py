"""Every code of the ledger has its words."""

import re
from pathlib import Path

from django.conf import settings

from comments.codes import CODES, code_in_words

# As readers and the ledger write them down.
_GIVEN = re.compile(
    r"""code=["']([a-z-]+)["']|Notice\(\s*["']([a-z-]+)["']|refuse\([^"\n]*"([a-z-]+)",|"(guessed-[a-z]+)\""""
)


def test_every_code_that_is_given_is_told() -> None:
    folder = Path(settings.BASE_DIR) / "comments"
    sources = [*(folder / "formats").glob("*.py"), *(folder / "imports").glob("*.py"), folder / "drafts.py"]
    given = {code for path in sources for found in _GIVEN.findall(path.read_text()) for code in found if code}
    assert len(given) > 40
    assert given - CODES.keys() == set()


def test_one_that_is_not_known_is_shown_as_it_is() -> None:
    assert code_in_words("from-tomorrow") == "from-tomorrow"
