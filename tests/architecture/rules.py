"""The house rules that import contracts cannot say: functions over source texts, so that each can be seen to bite."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 700

# Top-level library -> places that may import it: rooms end with "/", files begin with the path given.
ALLOWED = {
    "llama_cpp": ("workers/decoder",),
    "torch": ("workers/encoder",),
    "sentence_transformers": ("workers/encoder",),
    "transformers": ("workers/encoder",),
    "ziamath": ("workers/formula",),
    "latex2mathml": ("workers/formula",),
    "hunspell": ("workers/spelling",),
    "Stemmer": ("domain/word_families.py",),
    "pypdfium2": ("workers/import",),
    "pypdfium2_raw": ("workers/import",),
    "docx": ("workers/import",),
    "zipfile": ("workers/import", "services/chat_files/", "services/docx_package"),  # the last one only writes
    "xml": ("workers/import", "workers/formula"),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "numpy": ("services/", "workers/", "storage/word_"),  # of the store only what adds up the notes of words
    "PySide6": ("ui/", "presenters/", "app/"),
    "shiboken6": ("ui/", "app/"),
}
# Qt module -> rooms that may import it. Modules not named here may be used wherever PySide6 may.
QT_MODULES = {
    "QtWidgets": ("ui/", "app/window", "app/screens"),  # the two modules that put the window together
    "QtNetwork": (),
    "QtWebEngineCore": (),
    "QtWebEngineWidgets": (),
    "QtWebEngineQuick": (),
    "QtWebView": (),
}
# Nothing here opens a network connection, so nothing needs what can.
NETWORK = re.compile(
    r"^(socket|ssl|http|urllib\.(request|error)|ftplib|smtplib|poplib|imaplib|xmlrpc|webbrowser|asyncio"
    r"|requests|httpx|aiohttp|huggingface_hub)(\.|$)"
)
PRESENTERS_MAY_USE = frozenset({"QtCore"})
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "misc", "common"})
# Values are msgspec's Structs: plain classes, only made faster than dataclasses.
# Stemmer: words in, words out.
DOMAIN_MAY_USE = frozenset(sys.stdlib_module_names) | {"desktop_app", "msgspec", "Stemmer"}


def imported_modules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, full module name) of each import; `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def broken_import_rules(place: str, source: str) -> list[str]:
    """What a module at `place` (path below desktop_app, posix) imports and may not."""
    found = []
    for line, name in imported_modules(ast.parse(source, filename=place)):
        parts = name.split(".")
        top = parts[0]
        if top in ALLOWED and not place.startswith(ALLOWED[top]):
            found.append(f"{place}:{line} imports {name}")
        if NETWORK.match(name):
            found.append(f"{place}:{line} imports {name}, which can open a connection")
        if top == "PySide6" and len(parts) > 1:
            rooms = QT_MODULES.get(parts[1])
            if rooms is not None and not (rooms and place.startswith(rooms)):
                found.append(f"{place}:{line} imports {name}")
            if place.startswith("presenters/") and parts[1] not in PRESENTERS_MAY_USE:
                found.append(f"{place}:{line} imports {name}")
        if place.startswith("app/cli/") and top in ("PySide6", "shiboken6"):
            found.append(f"{place}:{line} imports {name}")
        if place.startswith("domain/") and top not in DOMAIN_MAY_USE:
            found.append(f"{place}:{line} imports {name}, which is not for the domain")
    return sorted(set(found))


def early_numpy(place: str, source: str) -> list[str]:
    """Imports of numpy that a service or the store makes before its functions are called: they would delay the first
    picture.
    """
    if not place.startswith(("services/", "storage/")):
        return []
    tree = ast.parse(source, filename=place)
    late = {
        node
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types(part)
        for node in ast.walk(part)
    }
    early = ast.Module([node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node not in late], [])
    return [
        f"{place}:{node.lineno} imports numpy at once"
        for node in early.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for _line, name in imported_modules(node)
        if name.split(".")[0] == "numpy"
    ]


def slow_values(place: str, source: str) -> list[str]:
    """Slotted dataclasses that could be `msgspec.Struct`s: a tenth of a second of the start was spent on making them.

    One that leaves a field out of comparisons cannot.
    """
    return [
        f"{place}:{node.lineno} {node.name} could be a msgspec.Struct"
        for node in ast.walk(ast.parse(source, filename=place))
        if isinstance(node, ast.ClassDef)
        and any("dataclass(" in text and "slots=True" in text for text in map(ast.unparse, node.decorator_list))
        and not any("compare=False" in ast.unparse(part) for part in node.body if isinstance(part, ast.AnnAssign))
    ]


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def swallowed_errors(place: str, source: str) -> list[str]:
    """Handlers of everything (bare or Exception) that do nothing."""
    found = []
    for node in ast.walk(ast.parse(source, filename=place)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        )
        if broad and all(isinstance(part, ast.Pass) for part in node.body):
            found.append(f"{place}:{node.lineno} swallows every error")
    return found


def python_files(folder: Path) -> list[Path]:
    """All modules below a folder, in a fixed order."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
