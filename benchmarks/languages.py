"""How well search finds notes in other languages than English: known items, by language and by leg.

    python -m benchmarks.languages [FOLDER] [--languages de,fr,…] [--questions N] [--keep FOLDER]

FOLDER holds the help pages of GNOME in many languages, as the Debian package `gnome-user-docs` installs them
(`/usr/share/help`, the default; `apt-get download gnome-user-docs && dpkg-deb -x … DIR` does as well). Each page
becomes a note. Two kinds of questions are asked, of which each has one note to find:

- `sentence`: a sentence without the rarest third of its words, as a person half remembers it;
- `forms`: four of its words in small letters, in another form of the same word where the pages have one, and without
  accents in every second question of languages that have some.

The words that are left out as too common are the commonest of the pages themselves, no list of the program.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.encoder_setup import SearchParts, search_parts
from desktop_app.domain.search import SearchMode
from desktop_app.domain.search_question import Question
from desktop_app.domain.self_check import figures_of

# The folder of GNOME's help, and the name that Snowball has for the language.
LANGUAGES = {
    "en": ("C", "english"), "de": ("de", "german"), "fr": ("fr", "french"), "es": ("es", "spanish"),
    "it": ("it", "italian"), "pt": ("pt_BR", "portuguese"), "nl": ("nl", "dutch"), "sv": ("sv", "swedish"),
    "pl": ("pl", "polish"), "cs": ("cs", "czech"), "ru": ("ru", "russian"), "uk": ("uk", ""), "el": ("el", "greek"),
    "fa": ("fa", "persian"), "vi": ("vi", ""), "zh": ("zh_CN", ""), "ja": ("ja", ""), "ko": ("ko", ""),
}  # fmt: skip
MIXED = "mixed"
MODES = (("words", SearchMode.WORDS), ("meaning", SearchMode.MEANING), ("both", SearchMode.BOTH))
DEPTH = 10
_NOTES = 120
_NOTES_OF_THE_MIXED = 30
_SHORTEST, _LONGEST = 120, 1_500
_SEED = 1
_COMMONEST = 60
_MALLARD = "{http://projectmallard.org/1.0/}"
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0903\u093a-\u094f\u200c]+[^\W_]*)*")
_SENTENCE = re.compile(r"[^.!?。！？।\n]+")
_UNSPACED = ("zh", "ja")
_WITH_ACCENTS = ("de", "fr", "es", "it", "pt", "sv", "pl", "cs", "el", "vi")
"""Languages that people type without their accents."""
_PARTICLES = (
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "에서",
    "에게",
    "로",
    "으로",
    "와",
    "과",
    "의",
    "도",
    "만",
    "부터",
    "까지",
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of help as a note."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its kind, and the note that has the answer."""

    kind: str
    text: str
    name: str


def pages_of(folder: Path, language: str) -> list[Page]:
    """The translated pages of a language, in the order of their names."""
    below = folder / LANGUAGES[language][0] / "gnome-help"
    english = folder / LANGUAGES["en"][0] / "gnome-help"
    found = []
    for path in sorted(below.glob("*.page")):
        title, paragraphs = _read(path)
        original = english / path.name
        if language != "en" and original.exists():  # what nobody has translated stands there in English
            untranslated = set(_read(original)[1])
            paragraphs = [paragraph for paragraph in paragraphs if paragraph not in untranslated]
        text = "\n\n".join(paragraphs)[:_LONGEST]
        if len(text) > _SHORTEST:
            found.append(Page(f"{language}/{path.stem}", title, text))
    chosen = random.Random(_SEED).sample(found, min(len(found), _NOTES))
    return sorted(chosen, key=lambda page: page.name)


def _read(path: Path) -> tuple[str, list[str]]:
    root = ElementTree.parse(path).getroot()
    for info in root.findall(f"{_MALLARD}info"):
        root.remove(info)
    title = root.find(f"{_MALLARD}title")
    paragraphs = [_plain(paragraph) for paragraph in root.iter(f"{_MALLARD}p")]
    return _plain(title) if title is not None else path.stem, [each for each in paragraphs if each]


def _plain(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def questions_of(language: str, pages: Sequence[Page], count: int) -> list[Asked]:
    """Up to `count` questions of each kind."""
    chance = random.Random(_SEED)
    if language in _UNSPACED:
        return list(_of_fragments(pages, count, chance))
    frequencies = Counter(word for page in pages for word in set(_words(f"{page.title} {page.text}")))
    commonest = {word for word, _ in frequencies.most_common(_COMMONEST)}
    other_forms = _other_forms(language, frequencies)
    asked: list[Asked] = []
    for number, page in enumerate(chance.sample(pages, len(pages))):
        sentences = [each for each in _SENTENCE.findall(page.text) if 8 <= len(_words(each)) <= 40]
        if len(asked) >= 2 * count or not sentences:
            continue
        words = _words(chance.choice(sentences))
        by_rarity = sorted(dict.fromkeys(words), key=lambda word: (frequencies[word], word))
        hidden = set(by_rarity[: len(by_rarity) // 3])
        telling = [word for word in by_rarity if word not in hidden and word not in commonest][:4]
        if len(telling) < 3:
            continue
        changed = [chance.choice(other_forms[word]) if other_forms.get(word) else word for word in telling]
        typed = " ".join(changed)
        asked.append(Asked("sentence", " ".join(word for word in words if word not in hidden), page.name))
        asked.append(
            Asked("forms", _without_accents(typed) if number % 2 and language in _WITH_ACCENTS else typed, page.name)
        )
    return asked


def _of_fragments(pages: Sequence[Page], count: int, chance: random.Random) -> Iterator[Asked]:
    """Of scripts without blanks: a part of a sentence, and two short parts of it."""
    for page in chance.sample(pages, min(len(pages), count)):
        sentences = [each.strip() for each in _SENTENCE.findall(page.text) if len(each.strip()) >= 14]
        if sentences:
            sentence = chance.choice(sentences)
            at = chance.randrange(len(sentence) - 11)
            yield Asked("sentence", sentence[at : at + 12], page.name)
            yield Asked("forms", f"{sentence[at : at + 4]} {sentence[at + 7 : at + 11]}", page.name)


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)]


def _other_forms(language: str, frequencies: Counter[str]) -> dict[str, list[str]]:
    """For each word, the others of the pages that have its stem."""
    name = LANGUAGES[language][1]
    if name:
        import Stemmer  # the same library that the program has: what is measured is finding, not stemming

        stem = Stemmer.Stemmer(name).stemWord
    elif language == "ko":
        stem = _without_particle
    else:
        return {}
    families: dict[str, list[str]] = defaultdict(list)
    for word in sorted(frequencies):
        families[stem(word)].append(word)
    return {word: [each for each in family if each != word] for family in families.values() for word in family}


def _without_particle(word: str) -> str:
    """A Korean word without what Korean writes behind it."""
    longest = max((each for each in _PARTICLES if word.endswith(each)), key=len, default="")
    return word[: -len(longest)] if longest and len(word) - len(longest) >= 2 else word


def _without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text) if not "\u0300" <= each <= "\u036f")


def fill(parts: SearchParts, pages: Sequence[Page]) -> dict[int, str]:
    """One note for each page, unless a kept store has them; names by note id."""
    by_title = {f"{page.title} ({page.name})": page for page in pages}
    kept = [note for note in parts.store.notes.get_many(parts.store.notes.all_ids()) if note.title in by_title]
    if not kept:
        with parts.store.transaction():
            for title, page in by_title.items():
                parts.store.notes.create(title, page.text)
        kept = list(parts.store.notes.get_many(parts.store.notes.all_ids()))
    return {note.id: by_title[note.title].name for note in kept if note.title in by_title}


def report(language: str, parts: SearchParts, names: dict[int, str], asked: Sequence[Asked]) -> None:
    """One line for each kind and leg: language, kind, leg, recall@10, MRR, questions."""
    for kind in ("sentence", "forms"):
        of_kind = [each for each in asked if each.kind == kind]
        for name, mode in MODES:
            ranks = []
            for each in of_kind:
                result = parts.search.search_once(Question(each.text, each.text), mode, DEPTH)
                found = [names.get(hit.note_id) for hit in result.hits]
                ranks.append(found.index(each.name) + 1 if each.name in found else None)
            figures = figures_of(ranks)
            print(
                f"{language} {kind} {name} {figures.recall:.3f} {figures.mean_reciprocal_rank:.3f} {len(ranks)}",
                flush=True,
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.languages", description="Known items by language and leg.")
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", default=Path("/usr/share/help"))
    parser.add_argument("--languages", default=",".join((*LANGUAGES, MIXED)), help="which, with commas; mixed is all")
    parser.add_argument("--questions", type=int, default=40, help="of each kind and language (40)")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="where the filled stores stay for the next run")
    options = parser.parse_args(arguments)
    if not (options.folder / "C" / "gnome-help").is_dir():
        print(f"{options.folder}: no help pages of GNOME here (Debian: gnome-user-docs); nothing measured.")
        return 0
    everything = {language: pages_of(options.folder, language) for language in LANGUAGES}
    for language in options.languages.split(","):
        with ExitStack() as stack:
            kept = options.keep / language if options.keep else None
            if kept is not None:
                kept.mkdir(parents=True, exist_ok=True)
            work = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inkwell-languages-")))
            parts = stack.enter_context(search_parts(work))
            if language == MIXED:
                pages = [page for found in everything.values() for page in found[:_NOTES_OF_THE_MIXED]]
                asked = [
                    each
                    for of_language, found in everything.items()
                    for each in questions_of(of_language, found[:_NOTES_OF_THE_MIXED], options.questions // 4)
                ]
            else:
                pages = everything[language]
                asked = questions_of(language, pages, options.questions)
            names = fill(parts, pages)
            parts.indexing.run()
            report(language, parts, names, asked)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
