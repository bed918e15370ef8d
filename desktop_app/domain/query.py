"""What a person typed into the search box, and the FTS5 expression that asks the word index for it.

The expression is built from quoted strings only, so that no input can be an operator, a column or a syntax error
(https://sqlite.org/fts5.html#full_text_query_syntax).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec

from desktop_app.domain.stemming import word_of
from desktop_app.domain.surface_forms import MOST_FORMS, SurfaceForm, surface_forms

POSTING_BUDGET = 20_000
"""Most postings (notes times words) one question may walk through where each is looked at; the rarest words first."""


class WordBudget(msgspec.Struct, frozen=True):
    """What the words of one question may cost where the best notes are told from the others before these are looked at
    (storage/word_ranking.py).

    Attributes:
        postings: notes times words to walk through; the rarest words first. A thousand take 0.1 ms.
        ranked: notes times words to look at. A thousand take 2 ms.
    """

    postings: int
    ranked: int


TYPING = WordBudget(100_000, 10_000)
TYPED = WordBudget(1_000_000, 40_000)

SHORTEST_PREFIX = 3
MOST_WORDS = 64
_LONGEST_WORD = 200

_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)(?:["“”„«»]|\Z)')
_RUN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+|[\u2600-\u27BF\U0001F300-\U0001FAFF]")
_CLITIC = re.compile(r"(?<=\w)['’](s|d|m|ll|re|ve)\b|\b(\w*n)['’](t)\b", re.IGNORECASE)

# Words that say nothing about what is looked for; of other languages the commonest that are no English words, which are
# left out in any notebook. The others only where a question is in that language (domain/languages.py).
_ENGLISH = """
    a about above after again all also am an and any are as at be because been before being below between both
    but by can could did do does doing done down during each few for from further get got had has have having
    he her here hers him his how i if in into is it its itself just let me might more most much must my no nor
    not now of off on once only or other our out over own per shall she should so some such than that the
    their them then there these they this those through to too under until up upon us very was we were what
    when where whether which while who whom whose why will with would yet you your
"""
_OF_OTHER_LANGUAGES = """
    aber auch auf aus bei bist das dass dem denn der dich dir doch durch ein eine einem einen einer eines für
    hatte ich ihr ihre im ist ja kann kein keine mein meine mich mir nach nicht noch nur oder ohne seine sich
    sie sind soll über und uns unser vom von vor wann warum weil welche wenn wer werden wie wieder wir wird wo
    wurde zu zum zur zwischen

    como cómo cual cuál cuando cuándo cuánto de del desde donde dónde ella ellos entre ese eso esta está este
    esto fue hace las los más muy pero por porque qué quién se sobre también una unos ya

    avec ce ces cette dans dont du elle et être ils je le les leur mais mes ne nous où quand
    sont une vous
"""
ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())
_LEAST_SMALL, _SMALL_SHARE = 2, 0.3
"""A question with so many English stop words, at least this share of its words, is in English."""

STOP_WORDS = ENGLISH_STOP_WORDS | frozenset(_OF_OTHER_LANGUAGES.split())


class Query(msgspec.Struct, frozen=True):
    """A question taken apart.

    Attributes:
        text: as typed, white space at the ends removed.
        words: distinct lower-case words to look for, in order; stop words only where there is nothing else.
        phrases: what stood in quotation marks; each must be found word for word.
        compounds: words written together ("lb_try_duration", "e-mail"), sought as a phrase beside their parts.
        prefix: the last word while it is being typed (also in `words`); empty otherwise.
        inside: words that are sought inside others, too: parts of what stands without blanks in between, and such as
            stand nowhere by themselves (services/word_leg.py).
        runs: what was typed in scripts without blanks, as it was typed; its parts are in `words`.
        forms: words with signs that the index drops (C++, .NET, f(x)); their letters are in `words` or `phrases`.
        form_words: those of `words` that were typed as a part of `forms` only.
        languages: those of the notebook beside English, where they were told.
        small: stop words of the question's own language, which is not English: they put notes that other words found in
            order, and find none.
        families: words with the terms of the index that are other forms of them (domain/word_families.py).
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    compounds: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    inside: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    forms: tuple[SurfaceForm, ...] = ()
    form_words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    families: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """All distinct words, those of phrases included: what to ask document frequencies for."""
        inside = (word for phrase in self.phrases for word in phrase)
        return tuple(dict.fromkeys((*self.words, *inside)))

    @property
    def is_english(self) -> bool:
        """Whether its small words say so, in a notebook without other languages. Rare names in such a question are
        spelled by an encoder like a language that it never read.
        """
        if self.languages:
            return False
        words = _words_in(self.text)
        small = sum(word in ENGLISH_STOP_WORDS for word in words)
        return small >= _LEAST_SMALL and small >= _SMALL_SHARE * len(words)


def parse_query(text: str, *, typing: bool = False, languages: Sequence[str] | None = None) -> Query:
    """Take a question apart.

    Args:
        typing: the last word may still grow, unless white space or a quote follows it.
        languages: those of the notebook beside English (domain/languages.py), None where they are not known: the stop
            words of the one that the question is in are left out.
    """
    clean = unicodedata.normalize("NFC", text.replace("\0", " "))
    phrases = [inside for match in _QUOTED.finditer(clean) if (inside := _words_in(match[1]))]
    unquoted = _QUOTED.sub(" ", clean)
    words: list[str] = []
    compounds: list[tuple[str, ...]] = []
    runs: list[str] = []
    for run in _RUN.finditer(unquoted):
        parts = _words_in(run[0])
        runs.extend(part for part in parts if is_unspaced(part))
        words.extend(piece for part in parts for piece in pieces_of(part))
        if len(parts) > 1:
            compounds.append(parts)
    sought = _without_clitics(words, unquoted)
    telling = without_stop_words(sought, languages)
    kept = ENGLISH_STOP_WORDS.union(telling)
    small = [word for word in sought if word not in kept] if languages else []
    if not telling and not phrases:
        telling, small = words, []
    last = words[-1] if words and clean[-1:].isalnum() and unquoted.rstrip()[-1:] == clean[-1:] else ""
    grows = typing and len(last) >= SHORTEST_PREFIX and last in telling
    forms, form_words = _forms_of(clean, unquoted, typing=typing and unquoted[-1:] == clean[-1:])
    return Query(
        text=clean.strip(),
        words=tuple(dict.fromkeys(telling))[:MOST_WORDS],
        phrases=tuple(dict.fromkeys(phrases))[:MOST_WORDS],
        compounds=tuple(dict.fromkeys(compounds))[:MOST_WORDS],
        prefix=last if grows and not is_unspaced(last) else "",
        inside=tuple(dict.fromkeys(word for word in telling if is_unspaced(word)))[:MOST_WORDS],
        runs=tuple(dict.fromkeys(runs))[:MOST_WORDS],
        forms=forms,
        form_words=form_words,
        languages=tuple(languages or ()),
        small=tuple(dict.fromkeys(small))[:MOST_WORDS],
    )


def without_stop_words(words: Sequence[str], languages: Sequence[str] | None = None) -> list[str]:
    """The words that tell something; arguments as for `parse_query`."""
    if languages is not None and not languages:
        return [word for word in words if word not in STOP_WORDS]
    from desktop_app.domain.languages import stop_words_of  # the window's start needs none
    from desktop_app.domain.plain_letters import plain_letters

    others = stop_words_of(words, ENGLISH_STOP_WORDS, languages)
    return [word for word in words if word not in STOP_WORDS and plain_letters(word) not in others]


def _forms_of(text: str, unquoted: str, *, typing: bool) -> tuple[tuple[SurfaceForm, ...], tuple[str, ...]]:
    """The words with signs, and the words that stand in them and nowhere else."""
    quoted = [form for match in _QUOTED.finditer(text) for form in surface_forms(match[1], required=True)]
    typed = surface_forms(unquoted, growing=typing)
    if not typed:
        return tuple(quoted[:MOST_FORMS]), ()
    inside = [part for form in typed for part in form.parts]
    everywhere = list(_words_in(unquoted))
    alone = tuple(dict.fromkeys(part for part in inside if everywhere.count(part) <= inside.count(part)))
    return (*quoted, *typed)[:MOST_FORMS], alone


def match_expression(query: Query, frequencies: Mapping[str, int], budget: int = POSTING_BUDGET) -> str:
    """The FTS5 MATCH expression: phrases all required, words joined by OR; empty where nothing can match.

    Args:
        frequencies: in how many notes each of `query.terms` stands; words that stand nowhere are left out.
        budget: postings to walk at most; words beyond it are left out, the commonest first, but never all.
    """
    alternatives = alternatives_of(query, frequencies, budget)
    required = required_of(query)
    if not required:
        return any_of(alternatives)
    # The words rank what the phrases found; repeating the phrases there keeps notes without any of the words.
    ranking = f" AND ({any_of((*required, *alternatives))})" if alternatives else ""
    return " AND ".join(required) + ranking


def alternatives_of(query: Query, frequencies: Mapping[str, int], budget: int = POSTING_BUDGET) -> list[str]:
    """FTS5 MATCH expressions, one for each thing of which a note needs any; arguments as for `match_expression`."""
    chosen = _affordable(query, frequencies, budget)
    alternatives = [_quoted((word,)) for word in query.words if word in chosen]
    alternatives += [_quoted(parts) for parts in query.compounds if all(frequencies.get(part, 0) for part in parts)]
    if query.prefix and frequencies.get(query.prefix, 0) * 2 <= POSTING_BUDGET:
        alternatives.append(f"{_quoted((query.prefix,))}*")
    return alternatives


def family_expression(terms: Sequence[str]) -> str:
    """The FTS5 MATCH expression for any of the index's terms."""
    return any_of([_quoted((word_of(term),)) for term in terms])


def word_expression(word: str) -> str:
    """The FTS5 MATCH expression for a single word."""
    return _quoted((word,))


def required_of(query: Query) -> list[str]:
    """FTS5 MATCH expressions, one for each phrase; a note needs all of them."""
    return [_quoted(phrase) for phrase in query.phrases]


def any_of(expressions: Sequence[str]) -> str:
    """The FTS5 MATCH expression that any of these satisfies."""
    return " OR ".join(expressions)


def match_all_expression(query: Query) -> str:
    """The FTS5 MATCH expression that wants every word and phrase but those of `unspaced_parts`; empty where nothing can
    match.

    For texts that a person remembers: each word more makes the list shorter.
    """
    compounds = [parts for parts in query.compounds if not any(map(is_unspaced, parts))]
    required = [_quoted(phrase) for phrase in query.phrases if not any(map(is_unspaced, phrase))]
    required += [_quoted(parts) + ("*" if parts[-1] == query.prefix else "") for parts in compounds]
    inside = {part for parts in compounds for part in parts}
    for word in query.words:
        if word not in inside and not is_unspaced(word) and not any(word in run for run in query.runs):
            required.append(_quoted((word,)) + ("*" if word == query.prefix else ""))
    return " AND ".join(required)


def unspaced_parts(query: Query) -> tuple[str, ...]:
    """What was typed in scripts without blanks, as it must stand in a text: the index cannot find it there."""
    phrases = (" ".join(phrase) for phrase in query.phrases if any(map(is_unspaced, phrase)))
    return (*query.runs, *phrases)


def phrase_expression(text: str) -> str:
    """The FTS5 MATCH expression for all words of `text` next to each other; empty where it has none."""
    words = _words_in(unicodedata.normalize("NFC", text.replace("\0", " ")))[:MOST_WORDS]
    return _quoted(words) + ("*" if is_unspaced(words[-1]) else "") if words else ""


def _affordable(query: Query, frequencies: Mapping[str, int], budget: int) -> list[str]:
    """The words that stand anywhere, rarest first, as long as their postings fit the budget."""
    sought = [word for word in query.words if word not in query.inside]
    found = sorted((frequencies.get(word, 0), place, word) for place, word in enumerate(sought))
    chosen: list[str] = []
    for frequency, _, word in found:
        if frequency == 0:
            continue
        budget -= frequency
        if budget < 0 and chosen:
            break
        chosen.append(word)
    return chosen


def pieces_of(run: str) -> list[str]:
    """A word as it is sought: itself, or the pieces of one written without blanks in between.

    Nothing tells which of its letters are words, so each pair of them is sought, as Lucene's CJK analyser does. Endings
    in hiragana only count where there is nothing else, katakana is one word, Thai goes by three letters, and Korean,
    which has blanks, writes its particles behind the word.
    """
    if not is_unspaced(run):
        return [run]
    pieces: list[str] = []
    endings: list[str] = []
    for match in _script_runs().finditer(run):
        found, kind = match[0], match.lastgroup
        size = 3 if kind == "thai" else 2
        if kind in ("other", "katakana") or len(found) <= size:
            parts = [found]
        else:
            parts = [found[at : at + size] for at in range(len(found) - size + 1)]
        (endings if kind == "hiragana" else pieces).extend(parts)
    return pieces or endings


def _without_clitics(words: list[str], text: str) -> list[str]:
    """Without the s of "mum's", and without "don't"."""
    if "'" not in text and "’" not in text:
        return words
    clitics = {part.lower() for match in _CLITIC.finditer(text) for part in match.groups() if part}
    alone = {word.lower() for word in re.findall(r"(?<![\w'’])\w+(?![\w'’])", text)}
    return [word for word in words if word not in clitics or word in alone]


def _words_in(text: str) -> tuple[str, ...]:
    return tuple(match[0].lower()[:_LONGEST_WORD] for match in _WORD.finditer(text))


def is_unspaced(text: str) -> bool:
    """Whether it has a character of a script that is written without blanks, or a picture (🥞)."""
    return not text.isascii() and _unspaced().search(text) is not None


def is_picture(text: str) -> bool:
    """Whether it is a picture (🥞), which the index passes over."""
    return is_unspaced(text) and not any(character.isalnum() for character in text)


def _quoted(words: tuple[str, ...]) -> str:
    return '"' + " ".join(words).replace('"', '""') + '"'


@functools.cache
def _script_runs() -> re.Pattern[str]:
    return re.compile(
        r"(?P<thai>[\u0E00-\u0EFF]+)|(?P<hiragana>[\u3040-\u309F]+)|(?P<katakana>[\u30A0-\u30FF\u31F0-\u31FF]+)"
        r"|(?P<hangul>[\uAC00-\uD7FF]+)|(?P<han>[\u2E80-\u303F\u3100-\u31EF\u3200-\u9FFF\uF900-\uFAFF]+)"
        r"|(?P<other>[^\u0E00-\u0EFF\u2E80-\u9FFF\uAC00-\uD7FF\uF900-\uFAFF]+)"
    )


@functools.cache
def _unspaced() -> re.Pattern[str]:
    """A character of a script that is written without blanks, or a picture. Compiled late: such ranges take 2 ms."""
    return re.compile(r"[\u0E00-\u0EFF\u2600-\u27BF\u2E80-\u9FFF\uAC00-\uD7FF\uF900-\uFAFF\U0001F300-\U0001FAFF]")
