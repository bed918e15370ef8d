"""Write `resources/stop_words.json`: the words of each language that tell nothing.

    python packaging/stop_words.py LUCENE STOPWORDS_ISO

LUCENE is a folder with the unpacked resources of Lucene's analysers (`org/apache/lucene/analysis/…/*stop*.txt`, out of
the jars `lucene-analyzers-common` and `lucene-analyzers-stempel`; Debian: `liblucene4.10-java`), STOPWORDS_ISO the
`stopwords-iso.json` of the package `stopwordsiso`, for languages that Lucene has no list of. Why these:
docs/decisions/languages.md.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_SNOWBALL = {
    "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch",
    "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "hu": "hungarian", "ru": "russian",
}  # fmt: skip
_LUCENE = {"pl": "pl", "cs": "cz", "el": "el", "tr": "tr", "ar": "ar", "fa": "fa", "hi": "hi", "ro": "ro", "ca": "ca"}
_ISO = ("uk", "he")
_NO_WORD = re.compile(r"[\W\d_]*")
# Lucene's Czech and Polish lists were made of web pages and letters; the first Persian ones of a newspaper.
_TELLS_SOMETHING = {
    "cs": "článek článku články zprávy nové nový strana napište téma tipy pta první dnes",
    "pl": "www tel ul mgr hab prof inż vol godz ii iii iv vi vii viii ix xi xii xiii xiv xv pan nowe",
    "fa": "ميليارد هزار خدمات گروهي شناسي جلوگيري مردم پنج هفت",
}


def lists(lucene: Path, iso: Path) -> dict[str, list[str]]:
    """The words by language."""
    below = lucene / "org" / "apache" / "lucene" / "analysis"
    found = {code: _words_of(below / "snowball" / f"{name}_stop.txt", "|") for code, name in _SNOWBALL.items()}
    found |= {code: _words_of(below / name / "stopwords.txt", "#") for code, name in _LUCENE.items()}
    others = json.loads(iso.read_text(encoding="utf-8"))
    found |= {code: others[code] for code in _ISO}
    return {code: sorted(_clean(words) - set(_TELLS_SOMETHING.get(code, "").split())) for code, words in found.items()}


def _words_of(path: Path, comment: str) -> list[str]:
    return list(_uncommented(path.read_text(encoding="utf-8"), comment))


def _uncommented(text: str, comment: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from line.partition(comment)[0].split()


def _clean(words: list[str]) -> set[str]:
    composed = (unicodedata.normalize("NFC", word).lower() for word in words)
    return {word for word in composed if not _NO_WORD.fullmatch(word) and "." not in word}


def main() -> int:
    """Entry of the script."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    words = {code: " ".join(found) for code, found in sorted(lists(Path(sys.argv[1]), Path(sys.argv[2])).items())}
    target = Path(__file__).parents[1] / "resources" / "stop_words.json"
    target.write_text(json.dumps(words, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
