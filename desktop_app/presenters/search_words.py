"""What a hit says about itself: the part of its passage that is shown, where it stands, and why it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QCoreApplication

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.conversation import Role
from desktop_app.domain.plain_letters import plain_letters
from desktop_app.domain.plain_markdown import PlainText, one_line, plain_markdown
from desktop_app.domain.query import parse_query
from desktop_app.domain.search import SearchHit, SimilarityMeasure, Span, WordLikeness
from desktop_app.domain.shared_ends import common_start
from desktop_app.domain.word_matching import MatchKind, WordMatcher
from desktop_app.presenters.search_rows import Hit, densest, page_of

#: Characters of a passage on a card.
EXCERPT = 380
_LONGEST_WORD = 100
_MOST_WORDS = 12
_MOST_CARRIERS = 4


class Excerpt(msgspec.Struct, frozen=True):
    """Part of a passage on one line. `marks` are to be highlighted, `strong` are the words that matched.

    `shades` are words with how strongly they carry the likeness, 0 to 1.
    """

    text: str
    marks: tuple[Span, ...]
    strong: tuple[Span, ...]
    shades: tuple[tuple[Span, float], ...] = ()
    code: tuple[Span, ...] = ()


def excerpt(hit: Hit, limit: int = EXCERPT, likeness: Sequence[WordLikeness] = ()) -> Excerpt:
    """The part of the hit's passage around what was found, at most `limit` characters and two ellipses."""
    plain = plain_markdown(hit.passage)
    line = one_line(plain.text)
    sentence_span = hit.nearest_span
    nearest, words = (
        moved_spans(moved_spans(spans, plain), line)
        for spans in ((sentence_span,) if sentence_span else (), hit.word_spans)
    )
    passage = line.text
    centre = nearest[0] if nearest else densest(passage, words) or Span(0, 0)
    first, last = _window(passage, centre, limit)
    while first < last and passage[first] == " ":
        first += 1
    front = "…" if first else ""
    text = front + passage[first:last] + ("…" if last < len(passage) else "")
    shift = len(front) - first
    strong = _moved(words, shift, len(front), len(front) + last - first)
    sentence = _moved(nearest, shift, len(front), len(front) + last - first)
    shades = []
    for word, share in shares_of(likeness):
        places = moved_spans(moved_spans((Span(word.start, word.end),), plain), line)
        shades += [(place, share) for place in _moved(places, shift, len(front), len(front) + last - first)]
    code = moved_spans(moved_spans(code_spans(plain), plain), line)
    code = _moved(code, shift, len(front), len(front) + last - first)
    return Excerpt(text, (*sentence, *strong), strong, tuple(shades), tuple(code))


def shares_of(likeness: Sequence[WordLikeness]) -> list[tuple[WordLikeness, float]]:
    """The words that are more like the question than the sentence's words are on average, with their share, 0 to 1.

    All words of a sentence are somewhat alike in the eyes of an encoder, and of some encoders very much so.
    """
    if not likeness:
        return []
    average = sum(word.likeness for word in likeness) / len(likeness)
    room = max(word.likeness for word in likeness) - average
    if room <= 0.0:
        return [(word, 1.0) for word in likeness] if len(likeness) == 1 else []
    return [(word, (word.likeness - average) / room) for word in likeness if word.likeness > average]


def likeness_words(hit: Hit, likeness: Sequence[WordLikeness]) -> str:
    """The words that carry the likeness most, in a sentence: “garage” (0.36, like “car”)."""
    best = sorted(shares_of(likeness), key=lambda pair: -pair[1])[:_MOST_CARRIERS]
    if not best:
        return _tr("No word of the sentence stands out; its likeness lies in the whole.")
    listed = ", ".join(
        _tr("“{word}” ({value}, like “{asked}”)")
        .replace("{value}", f"{word.likeness:.2f}")
        .replace("{asked}", word.nearest)
        .replace("{word}", hit.passage[word.start : word.end])
        for word, _ in best
    )
    return _tr("The likeness is carried by {words}.").replace("{words}", listed)


def code_spans(plain: PlainText) -> tuple[Span, ...]:
    """Where code stood in the source of `plain`."""
    return tuple(Span(start, end) for start, end in plain.code)


def moved_spans(spans: tuple[Span, ...], plain: PlainText) -> tuple[Span, ...]:
    """Spans of a source text where they are in `plain`; those of which nothing is left go."""
    moved = (Span(plain.position(span.start), plain.position(span.end)) for span in spans)
    return tuple(span for span in moved if span.start < span.end)


def place_of(hit: Hit) -> str:
    """Folder, headings above the passage and page: "Gen AI › Context window"; the note's own title is left out.

    Of a message: that it stands in a chat, and who wrote it.
    """
    parts = [part for part in hit.folder.split("/") if part]
    if isinstance(hit, MessagePassage):
        who = _tr("you") if hit.role is Role.USER else _tr("answer")
        chat = _tr("Archived chat") if hit.archived else _tr("Chat")
        return " › ".join([chat, *parts, who])
    return " › ".join([*parts, *_place_in_note(hit)])


def place_in_note(hit: SearchHit) -> str:
    """Headings above the passage, and the page; empty at the top of a note without either."""
    return " › ".join(_place_in_note(hit))


def _place_in_note(hit: SearchHit) -> list[str]:
    parts = [heading for heading in hit.heading_path if heading != hit.title]
    page = page_of(hit)
    return [*parts, _tr("page {n}").replace("{n}", str(page))] if page else parts


def ranks_of(hit: Hit) -> str:
    """ "Meaning #1 · Words #9", each only where the leg has the note or message."""
    parts = []
    if hit.meaning_rank is not None:
        parts.append(_tr("Meaning #{n}").replace("{n}", str(hit.meaning_rank)))
    if hit.words_rank is not None:
        parts.append(_tr("Words #{n}").replace("{n}", str(hit.words_rank)))
    return " · ".join(parts)


def reasons_of(hit: Hit, question: str, like: str = "", *, shaded: bool = False) -> list[str]:
    """Why the hit was found by the words `question`, in sentences.

    Args:
        like: the note whose like was looked for.
        shaded: the nearest sentence shows its words' likeness in place of a highlight.
    """
    is_message = isinstance(hit, MessagePassage)
    if hit.words_rank is None and hit.meaning_rank is None and hit.similarity is None:
        if is_message:
            return [_tr("It is the newest message of a chat that meets your filters.")]
        return [_tr("It meets your filters. Without words to look for, the newest comes first.")]
    reasons = _word_reasons(hit, question) if question.strip() else []
    if hit.similarity is not None:
        reasons.append(_similarity_reason(hit, hit.similarity, like))
    if hit.nearest_span is not None and not shaded:
        reasons.append(_tr("The sentence nearest in meaning is highlighted."))
    legs = []
    if hit.meaning_rank is not None:
        legs.append(_tr("number {n} by meaning").replace("{n}", str(hit.meaning_rank)))
    if hit.words_rank is not None:
        legs.append(_tr("number {n} by words (BM25)").replace("{n}", str(hit.words_rank)))
    if legs:
        among = _tr("Among your messages it is {legs}.") if is_message else _tr("Among your notes it is {legs}.")
        reasons.append(among.replace("{legs}", _tr(" and ").join(legs)))
    if is_message and hit.words_rank is not None:
        reasons.append(_tr("By words a message is found where all of them stand in it."))
    return reasons


def _similarity_reason(hit: Hit, value: float, like: str) -> str:
    """How near the passage is. Only of cosines can be said in words how near they are: they have a greatest value."""
    goal = _tr("“{title}”").replace("{title}", like) if like else _tr("your question")
    match hit.measure:
        case SimilarityMeasure.COSINE:
            words = _tr("Its passage is {closeness} to {goal} in meaning (cosine similarity {value}).")
            words = words.replace("{closeness}", _closeness(value))
        case SimilarityMeasure.DOT:
            words = _tr("The dot product of its passage and {goal} is {value}; more is nearer.")
        case SimilarityMeasure.EUCLIDEAN:
            words, value = _tr("The distance of its passage from {goal} is {value}; less is nearer."), -value
    return words.replace("{value}", f"{value:.2f}").replace("{goal}", goal)


def _word_reasons(hit: Hit, question: str) -> list[str]:
    """What matched: words as they were asked for, other forms of them, and words that begin as the last one does."""
    if not hit.matched_words:
        if hit.words_rank is None and isinstance(hit, MessagePassage):
            return [_tr("Not all of your words stand in it; it was found by its meaning.")]
        if hit.words_rank is None:
            return [_tr("None of your words stands in it; it was found by its meaning.")]
        return [_tr("Words of yours stand in its title, tags or properties, or in the name of its file.")]
    return _matched_words(hit, question)


def _matched_words(hit: Hit, question: str) -> list[str]:
    query = parse_query(question, typing=True)
    # Which words were sought inside others the search knew; what was found tells it, too.
    matcher = WordMatcher(msgspec.structs.replace(query, inside=query.words))
    found: dict[MatchKind, dict[str, str]] = {}
    asked: dict[MatchKind, dict[str, str]] = {}
    for word in hit.matched_words:
        kind, own = matcher.kind_of(word) or (MatchKind.FORM, _likest(query.terms, word))
        found.setdefault(kind, {}).setdefault(word.casefold(), word)
        asked.setdefault(kind, {}).setdefault(own, own)
    sentences = {
        MatchKind.WORD: _tr("These words of yours stand in it: {words}."),
        MatchKind.FORM: _tr("Other forms of {yours} stand in it: {words}."),
        MatchKind.BEGINNING: _tr("Words that begin with {yours} stand in it: {words}."),
        MatchKind.PART: _tr("Words with {yours} inside stand in it: {words}."),
    }
    return [
        sentence.replace("{yours}", _listed(asked[kind])).replace("{words}", _listed(found[kind]))
        for kind, sentence in sentences.items()
        if kind in found
    ]


def _likest(asked: Sequence[str], word: str) -> str:
    """The word of the question that begins most like one of a note: of languages beside English only the search itself
    knows which forms belong together.
    """
    plain = plain_letters(word)
    return max(asked, key=lambda each: common_start(plain_letters(each), plain), default=word)


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
    if first and (blank := text.find(" ", first, first + _LONGEST_WORD)) >= 0:
        first = min(blank + 1, centre.start) if centre.end else blank + 1
    blank = text.rfind(" ", last - _LONGEST_WORD, last + 1)
    if last < len(text) and blank >= 0:
        last = centre.end if blank < centre.end <= last else blank
    return first, last


def _moved(spans: tuple[Span, ...], shift: int, low: int, high: int) -> tuple[Span, ...]:
    moved = (Span(max(low, span.start + shift), min(high, span.end + shift)) for span in spans)
    return tuple(span for span in moved if span.start < span.end)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchWords", text)
