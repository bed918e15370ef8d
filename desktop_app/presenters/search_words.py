"""What a hit says about itself: the part of its passage that is shown, where it stands, and why it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.plain_markdown import PlainText, one_line, plain_markdown
from desktop_app.domain.query import parse_query
from desktop_app.domain.search import SearchHit, Span
from desktop_app.domain.word_matching import MatchKind, WordMatcher

#: Characters of a passage on a card.
EXCERPT = 380
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a passage on one line. `marks` are to be highlighted, `strong` are the words that matched."""

    text: str
    marks: tuple[Span, ...]
    strong: tuple[Span, ...]


def excerpt(hit: SearchHit, limit: int = EXCERPT) -> Excerpt:
    """The part of the hit's passage around what was found, at most `limit` characters and two ellipses."""
    plain = plain_markdown(hit.passage)
    line = one_line(plain.text)
    nearest, words = (
        moved_spans(moved_spans(spans, plain), line)
        for spans in ((hit.nearest_span,) if hit.nearest_span else (), hit.word_spans)
    )
    passage = line.text
    first, last = _window(passage, (*nearest, *words, Span(0, 0))[0], limit)
    while first < last and passage[first] == " ":
        first += 1
    front = "…" if first else ""
    text = front + passage[first:last] + ("…" if last < len(passage) else "")
    shift = len(front) - first
    strong = _moved(words, shift, len(front), len(front) + last - first)
    sentence = _moved(nearest, shift, len(front), len(front) + last - first)
    return Excerpt(text, (*sentence, *strong), strong)


def moved_spans(spans: tuple[Span, ...], plain: PlainText) -> tuple[Span, ...]:
    """Spans of a source text where they are in `plain`; those of which nothing is left go."""
    moved = (Span(plain.position(span.start), plain.position(span.end)) for span in spans)
    return tuple(span for span in moved if span.start < span.end)


def place_of(hit: SearchHit) -> str:
    """Folder and headings above the passage: "Gen AI › Context window"; the note's own title is left out."""
    parts = [part for part in hit.folder.split("/") if part]
    parts += [heading for heading in hit.heading_path if heading != hit.title]
    return " › ".join(parts)


def ranks_of(hit: SearchHit) -> str:
    """ "Meaning #1 · Words #9", each only where the leg has the note."""
    parts = []
    if hit.meaning_rank is not None:
        parts.append(_tr("Meaning #{n}").replace("{n}", str(hit.meaning_rank)))
    if hit.words_rank is not None:
        parts.append(_tr("Words #{n}").replace("{n}", str(hit.words_rank)))
    return " · ".join(parts)


def reasons_of(hit: SearchHit, question: str) -> list[str]:
    """Why the note was found by `question`, in sentences."""
    reasons = _word_reasons(hit, question)
    if hit.similarity is not None:
        reasons.append(
            _tr("Its passage is {closeness} to your question in meaning (cosine similarity {value}).")
            .replace("{closeness}", _closeness(hit.similarity))
            .replace("{value}", f"{hit.similarity:.2f}")
        )
    if hit.nearest_span is not None:
        reasons.append(_tr("The sentence nearest in meaning is highlighted."))
    legs = []
    if hit.meaning_rank is not None:
        legs.append(_tr("number {n} by meaning").replace("{n}", str(hit.meaning_rank)))
    if hit.words_rank is not None:
        legs.append(_tr("number {n} by words (BM25)").replace("{n}", str(hit.words_rank)))
    if legs:
        reasons.append(_tr("Among your notes it is {legs}.").replace("{legs}", _tr(" and ").join(legs)))
    return reasons


def _word_reasons(hit: SearchHit, question: str) -> list[str]:
    """What matched: words as they were asked for, other forms of them, and words that begin as the last one does."""
    if not hit.matched_words:
        if hit.words_rank is None:
            return [_tr("None of your words stands in it; it was found by its meaning.")]
        return [_tr("Words of yours stand in its title, tags or properties.")]
    matcher = WordMatcher(parse_query(question, typing=True))
    found: dict[MatchKind, dict[str, str]] = {}
    asked: dict[MatchKind, dict[str, str]] = {}
    for word in hit.matched_words:
        kind, own = matcher.kind_of(word) or (MatchKind.WORD, word)
        found.setdefault(kind, {}).setdefault(word.casefold(), word)
        asked.setdefault(kind, {}).setdefault(own, own)
    sentences = {
        MatchKind.WORD: _tr("These words of yours stand in it: {words}."),
        MatchKind.FORM: _tr("Other forms of {yours} stand in it: {words}."),
        MatchKind.BEGINNING: _tr("Words that begin with {yours} stand in it: {words}."),
    }
    return [
        sentence.replace("{yours}", _listed(asked[kind])).replace("{words}", _listed(found[kind]))
        for kind, sentence in sentences.items()
        if kind in found
    ]


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(f"“{word}”" for word in list(words.values())[:_MOST_WORDS])


def _closeness(similarity: float) -> str:
    if similarity >= 0.6:
        return _tr("very close")
    if similarity >= 0.45:
        return _tr("close")
    return _tr("related") if similarity >= 0.3 else _tr("loosely related")


def _window(text: str, centre: Span, limit: int) -> tuple[int, int]:
    """`limit` characters of `text` that show `centre`, cut at blanks where there are some."""
    if len(text) <= limit:
        return 0, len(text)
    lead = max(0, (limit - (centre.end - centre.start)) // 3)
    first = max(0, min(centre.start - lead, len(text) - limit))
    last = min(len(text), first + limit)
    if first and (blank := text.find(" ", first, first + 30)) >= 0:
        first = min(blank + 1, centre.start) if centre.end else blank + 1
    if last < len(text) and (blank := text.rfind(" ", last - 30, last)) >= 0:
        last = blank
    return first, last


def _moved(spans: tuple[Span, ...], shift: int, low: int, high: int) -> tuple[Span, ...]:
    moved = (Span(max(low, span.start + shift), min(high, span.end + shift)) for span in spans)
    return tuple(span for span in moved if span.start < span.end)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchWords", text)
