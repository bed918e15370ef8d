"""Links between notes as they are written: `[[note]]`, `[[note#heading]]`, `[[note|shown words]]`.

A target is a title, an alias, the name of the file a note came from, or one of these with folders in front of it. Where
several notes answer to it, the one in the nearest folder is meant; with a slash in front, the one at exactly that path,
if there is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.shared_ends import common_end, common_start

_PARTS = re.compile(
    FENCE + r"|\[\[(?P<target>[^\[\]\n|#]*)(?:#(?P<heading>[^\[\]\n|]*))?(?:\|(?P<shown>[^\[\]\n]*))?\]\]",
    re.MULTILINE,
)
_FENCES = ("```", "~~~")
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_NOT_IN_LINKS = re.compile(r"[\[\]|#\n]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NOTION_ID = re.compile(r" [0-9a-f]{32}\Z")
_EXCERPT = 160
_BEFORE_LINK = 50
_LOOKED_BACK = 1_000


class WikiLink(msgspec.Struct, frozen=True):
    """One link. `start` and `end` are characters of the text, brackets included.

    Attributes:
        target: as written, without blanks around it; "" for a heading of the same note.
        heading: what stands behind "#", "" without one.
        shown: what stands behind "|", "" without it.
    """

    start: int
    end: int
    target: str
    heading: str = ""
    shown: str = ""

    @property
    def words(self) -> str:
        """What a reader sees."""
        return self.shown or " › ".join(part for part in (self.target, self.heading) if part)

    @property
    def written(self) -> str:
        """Target and heading as they are written."""
        return f"{self.target}#{self.heading}" if self.heading else self.target


class LinkChanges(msgspec.Struct, frozen=True):
    """How the links of a text follow from those of the text before.

    Attributes:
        start, end: links of the old text that begin in [start, end) are gone.
        shift: those from `end` on moved by this many characters.
        added: the links of the new text in between.
    """

    start: int
    end: int
    shift: int
    added: list[WikiLink]


class Candidate(msgspec.Struct, frozen=True):
    """A note that answers to a target, by the whole of it or by what stands behind the last slash (`by_tail`)."""

    note_id: int
    folder: str
    by_tail: bool = False


class Backlink(msgspec.Struct, frozen=True):
    """A link to a note, with the note that it stands in: characters [start, end) of its text, and the line around."""

    note_id: int
    title: str
    folder: str
    start: int
    end: int
    target: str
    excerpt: str


class NoteName(msgspec.Struct, frozen=True):
    """A name that a link may call a note by: its title, or another (`is_title` false)."""

    note_id: int
    name: str
    is_title: bool
    title: str
    folder: str


def says_the_same(name: str, title: str) -> bool:
    """Whether a name, of a note's file for one, is its title in other signs: nobody needs both to choose from."""
    return _words_of(name) == _words_of(title)


def _words_of(name: str) -> list[str]:
    return _NOT_WORDS.sub(" ", _NOTION_ID.sub("", name)).casefold().split()


def split_written(written: str) -> tuple[str, str]:
    """(target, heading) of what stands between the brackets, without shown words."""
    target, _, heading = written.partition("#")
    return target.strip(), heading.strip()


def find_links(text: str) -> list[WikiLink]:
    """All links outside code, in order."""
    if "[[" not in text:
        return []
    found: list[WikiLink] = []
    code = _CodeInLines(text)
    for part in outside_fences(_PARTS, text):
        if (link := _as_link(part)) is not None and not code.holds(part.start()):
            found.append(link)
    return found


def changed_links(old: str, new: str) -> LinkChanges:
    """Which links change between two texts. Only lines that differ are looked at, unless the text has fenced code,
    whose reach depends on all lines.
    """
    if any(fence in text for fence in _FENCES for text in (old, new)):
        return LinkChanges(0, len(old) + 1, 0, find_links(new))
    first = common_start(old, new)
    same = common_end(old[first:], new[first:])
    start = old.rfind("\n", 0, first) + 1
    line_end = old.find("\n", len(old) - same)
    same = 0 if line_end < 0 else len(old) - line_end
    old_end, new_end = len(old) - same, len(new) - same
    added = [
        WikiLink(link.start + start, link.end + start, link.target, link.heading, link.shown)
        for link in find_links(new[start:new_end])
    ]
    return LinkChanges(start, old_end if same else old_end + 1, new_end - old_end, added)


def link_at(line: str, place: int) -> WikiLink | None:
    """The link of a line that the character `place` is in or beside."""
    return next((link for link in find_links(line) if link.start <= place <= link.end), None)


def embeds_file(line: str, link: WikiLink) -> bool:
    """Whether a link in `line` shows a file (`![[ink.png]]`), to which no note has to answer."""
    return line[link.start - 1 : link.start] == "!" and "." in link.target


def name_key(name: str) -> str:
    """What two names have in common that a link does not tell apart: case, composition and blanks."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(folded.split())


def target_key(target: str) -> str:
    """The key of a target: a slash in front, which only chooses among several notes, and ".md" at the end are no part
    of it.
    """
    return name_key(target.strip().strip("/")).removesuffix(".md").rstrip()


def tail_key(target: str) -> str:
    """The key of what stands behind the last slash of a target."""
    return target_key(target).rsplit("/", 1)[-1].strip()


def can_be_linked(name: str) -> bool:
    """Whether a link can name this: some characters have a meaning of their own in one."""
    return bool(name.strip()) and _NOT_IN_LINKS.search(name) is None


def full_name(folder: str, title: str) -> str:
    """What a link says to mean the note of this title at exactly this place; "/Title" for one in no folder."""
    return f"{folder}/{title}"


def chosen(target: str, from_folder: str, candidates: Iterable[Candidate]) -> int | None:
    """The note that a target in a note of `from_folder` means: the nearest folder, then the one least deep, then the
    oldest note. A path has to end the note's own folder; of one with a slash in front, a note whose folder it says in
    full comes before all others.
    """
    is_full = target.strip().startswith("/")
    above = target_key(target).rpartition("/")[0]
    fitting = [one for one in candidates if not one.by_tail or _ends_with(name_key(one.folder), above)]
    nearest = min(
        fitting,
        key=lambda one: (
            is_full and name_key(one.folder) != (above if one.by_tail else ""),
            _steps(from_folder, one.folder),
            _depth(one.folder),
            one.note_id,
        ),
        default=None,
    )
    return None if nearest is None else nearest.note_id


def excerpt(text: str, link: WikiLink) -> str:
    """The line that a link stands in; of a long one, the part around it. On one line, at most some 160 characters."""
    # Not looked for through all of an endless line.
    earliest, latest = max(0, link.start - _LOOKED_BACK), min(len(text), link.end + _LOOKED_BACK)
    first = text.rfind("\n", earliest, link.start) + 1 or earliest
    last = text.find("\n", link.end, latest)
    last = latest if last < 0 else last
    start, end = first, last
    if last - first > _EXCERPT:
        start = max(first, link.start - _BEFORE_LINK)
        end = min(last, max(start + _EXCERPT, link.end))
    words = " ".join(text[start:end].split())
    return ("…" if start > first else "") + words + ("…" if end < last else "")


def link_words(line: str) -> str:
    """A line with its links as a reader sees them; of an embedded file (`![[…]]`) its name."""
    return _replaced(line, *_links_with_words(line))


def marked_link(line: str, target: str, before: int = 0) -> tuple[int, int] | None:
    """Where a link to `target` stands in a line, brackets included; None where there is none. Of several it is the one
    that has as many as `before` in front of it.
    """
    key = target_key(target)
    places = [(link.start, link.end) for link in find_links(line) if target_key(link.target) == key]
    return places[min(before, len(places) - 1)] if places else None


def marked_words(line: str, target: str) -> tuple[int, int] | None:
    """Where the words of the first link to `target` stand in `link_words(line)`; None where there is none."""
    key, shift = target_key(target), 0
    for link, words in zip(*_links_with_words(line), strict=True):
        if target_key(link.target) == key:
            return link.start + shift, link.start + shift + len(words)
        shift += len(words) - (link.end - link.start)
    return None


def _links_with_words(line: str) -> tuple[list[WikiLink], list[str]]:
    links, words = [], []
    for link in find_links(line):
        is_embedded = line[max(0, link.start - 1) : link.start] == "!"
        links.append(replace(link, start=link.start - 1) if is_embedded else link)
        words.append(link.target if is_embedded else link.words)
    return links, words


def as_markdown(text: str, missing: frozenset[str], link: str, missing_link: str) -> str:
    """`text` with its links as Markdown's own, to `link` and the percent-encoded target; to `missing_link` where the
    key of the target is among the `missing` ones.
    """
    links = find_links(text)
    pieces = []
    for one in links:
        scheme = missing_link if target_key(one.target) in missing else link
        words = one.words + ("\\" if one.words.endswith("\\") else "")
        pieces.append(f"[{words}]({scheme}{quote(one.written, safe='')})")
    return _replaced(text, links, pieces)


def replaced(text: str, changes: Sequence[tuple[WikiLink, str]]) -> str:
    """`text` with other targets in these of its links; everything else stays byte for byte."""
    pieces = []
    for link, target in changes:
        written = text[link.start : link.end]
        inside = written[2:-2]
        length = re.match(r"[^|#]*", inside)
        assert length is not None  # the pattern takes nothing, too
        old = length[0]
        lead, trail = old[: len(old) - len(old.lstrip())], old[len(old.rstrip()) :]
        pieces.append(f"[[{lead}{target}{trail}{inside[len(old) :]}]]")
    return _replaced(text, [link for link, _ in changes], pieces)


def _replaced(text: str, links: Sequence[WikiLink], pieces: Sequence[str]) -> str:
    result = []
    at = 0
    for link, piece in zip(links, pieces, strict=True):
        result += [text[at : link.start], piece]
        at = link.end
    return "".join([*result, text[at:]])


def _as_link(part: re.Match[str]) -> WikiLink | None:
    target, heading = part["target"].strip(), (part["heading"] or "").strip()
    if not target and not heading:
        return None
    return WikiLink(part.start(), part.end(), target, heading, (part["shown"] or "").strip())


class _CodeInLines:
    """Where code is in the line of one place after the other; each line is looked at once, however long it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = -1
        self._spans: Iterator[tuple[int, int]] = iter(())
        self._span: tuple[int, int] | None = None

    def holds(self, place: int) -> bool:
        """Whether `place`, behind all those asked for before, is in code."""
        if place > self._end:
            first = self._text.rfind("\n", self._end + 1, place) + 1 or self._end + 1
            last = self._text.find("\n", place)
            self._end = last if last >= 0 else len(self._text)
            self._spans = (code.span() for code in _CODE.finditer(self._text, first, self._end))
            self._span = next(self._spans, None)
        while self._span is not None and self._span[1] <= place:
            self._span = next(self._spans, None)
        return self._span is not None and self._span[0] <= place


def _ends_with(folder: str, above: str) -> bool:
    return folder == above or folder.endswith(f"/{above}")


def _names(folder: str) -> list[str]:
    return folder.split("/") if folder else []


def _depth(folder: str) -> int:
    return len(_names(folder))


def _steps(start: str, end: str) -> int:
    """How many folders up and down lie between two."""
    first, second = _names(start), _names(end)
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return len(first) + len(second) - 2 * shared
