"""The messages of the process that looks words up; what every worker speaks stands in `messages`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import CommonFromHost, CommonFromWorker, RequestId

MOST_WORDS = 500
MOST_DICTIONARIES = 8
_Word = Annotated[str, Meta(max_length=120)]
_Words = Annotated[list[_Word], Meta(max_length=MOST_WORDS)]
_Dictionaries = Annotated[list[Annotated[str, Meta(max_length=4_096)]], Meta(max_length=MOST_DICTIONARIES)]


class CheckWords(Message, frozen=True):
    """Look words up. `dictionaries` are paths without ".aff" and ".dic"; one that knows a word is enough."""

    request_id: RequestId
    dictionaries: _Dictionaries
    words: _Words


class WordsChecked(Message, frozen=True):
    """Answer to CheckWords: the words that no dictionary knows. `read`: at least one dictionary could be read."""

    request_id: RequestId
    wrong: _Words
    read: bool = True


class SuggestWords(Message, frozen=True):
    """Find what may have been meant."""

    request_id: RequestId
    dictionaries: _Dictionaries
    word: _Word


class WordsSuggested(Message, frozen=True):
    """Answer to SuggestWords, the likeliest first."""

    request_id: RequestId
    words: _Words


SpellingFromHost = CommonFromHost | CheckWords | SuggestWords
SpellingFromWorker = CommonFromWorker | WordsChecked | WordsSuggested
