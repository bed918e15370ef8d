"""The texts of the window for translators: collects them from the source, and makes or updates Qt's .ts files.

    python packaging/translations.py LANGUAGE …      for example: de pt_BR

Writes `resources/i18n/inkwell_LANGUAGE.ts`, keeping what is translated there, and compiles it to the .qm file that the
window loads where the system speaks that language. Qt Linguist (`pyside6-linguist FILE`) edits .ts files.

Qt's own lupdate is not used: it knows neither the functions of modules that translate (`_tr`) nor the settings' schema.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "desktop_app"
I18N = ROOT / "resources" / "i18n"


class HiddenTextError(Exception):
    """A text that no translator could find: put together before it is translated, or without its context."""


@dataclass(frozen=True, slots=True)
class Message:
    """One text under its context: the class that says it, or the name that its module gives."""

    context: str
    text: str
    file: str = ""
    line: int = 0
    remark: str = ""
    """Where the text stands, for those that stand in no line of their own."""


def collect(package: Path = PACKAGE) -> list[Message]:
    """Every text that can be translated, once for each context.

    Raises HiddenTextError with the places that hide one.
    """
    found: dict[tuple[str, str], Message] = {}
    hidden: list[str] = []
    for path in sorted(package.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "tr(" not in source and "translate(" not in source and "TRANSLATE_NOOP" not in source:
            continue
        module = _Module(str(path.relative_to(package.parent)), ast.parse(source))
        for message in module.messages():
            found.setdefault((message.context, message.text), message)
        hidden.extend(module.hidden)
    if hidden:
        raise HiddenTextError("\n".join(hidden))
    for message in (*_of_settings(), *_of_catalogue()):
        found.setdefault((message.context, message.text), message)
    return list(found.values())


def _of_settings() -> Iterator[Message]:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from desktop_app.domain.sampling_lists import SAMPLERS
    from desktop_app.presenters.setting_words import CONTEXT, WORDS
    from desktop_app.settings.schema import SETTINGS, Section, TakesEffect

    for section in Section:
        yield Message(CONTEXT, section.value, remark="page of the settings")
    for effect in (TakesEffect.RELOADS_MODEL, TakesEffect.RESTARTS):
        yield Message(CONTEXT, effect.value, remark="when a change is felt")
    for name in SAMPLERS.values():
        yield Message(CONTEXT, name, remark="sampler of llama.cpp")
    for setting in SETTINGS:
        texts = [(name, getattr(setting, name)) for name in WORDS]
        texts += [("choice", label) for label in setting.choice_labels]
        yield from (Message(CONTEXT, text, remark=f"{setting.key}: {name}") for name, text in texts if text)


def _of_catalogue() -> Iterator[Message]:
    catalogue = tomllib.loads((ROOT / "resources" / "models" / "catalogue.toml").read_text(encoding="utf-8"))
    for model in catalogue["model"]:
        for name in ("good", "bad"):
            if model.get(name):
                yield Message("ModelCatalogue", model[name], remark=f"{model['name']}: {name}")


class _Module:
    """One module's calls of `self.tr`, of QCoreApplication.translate, and of its own functions that call that."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self._file = file
        self._tree = tree
        self._markers = dict(_markers(tree))  # name of a function → its context
        self.hidden: list[str] = []

    def messages(self) -> Iterator[Message]:
        """The texts, in the order of the source."""
        yield from self._within(self._tree, "")

    def _within(self, node: ast.AST, context: str) -> Iterator[Message]:
        if isinstance(node, ast.ClassDef):
            context = node.name
        if isinstance(node, ast.FunctionDef) and node.name in self._markers:
            return  # its own call has a parameter for a text
        if isinstance(node, ast.Call):
            yield from self._of_call(node, context)
        for child in ast.iter_child_nodes(node):
            yield from self._within(child, context)

    def _of_call(self, call: ast.Call, context: str) -> Iterator[Message]:
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if not call.args or name not in ("tr", "translate", "QT_TRANSLATE_NOOP", *self._markers):
            return
        text: ast.expr = call.args[0]
        if name in self._markers:
            context = self._markers[name]
        elif _is_qt_translate(call) or _is_marked(call):
            named, text = call.args[0], call.args[1]
            context = str(named.value) if isinstance(named, ast.Constant) else ""
        elif name != "tr":
            return
        if name in self._markers and isinstance(text, ast.Name | ast.Attribute | ast.Subscript):
            return  # marked elsewhere, looked up here
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            self.hidden.append(f"{self._file}:{call.lineno}: not a literal text")
            return
        if not context:
            self.hidden.append(f"{self._file}:{call.lineno}: tr() outside a class: translators get no context")
            return
        yield Message(context, text.value, self._file, call.lineno)


def _markers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions of a module, or of a class in it, that translate the text they are given, with their context."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            parameters = {each.arg for each in node.args.args}
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and (_is_qt_translate(call) or _is_marked(call)):
                    context, text = call.args[:2]
                    if isinstance(context, ast.Constant) and isinstance(text, ast.Name) and text.id in parameters:
                        yield node.name, str(context.value)


def _is_qt_translate(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "translate"
        and getattr(function.value, "id", "") == "QCoreApplication"
    )


def _is_marked(call: ast.Call) -> bool:
    return getattr(call.func, "id", "") == "QT_TRANSLATE_NOOP"


def write(path: Path, messages: Iterable[Message], language: str) -> int:
    """Write a .ts file, keeping what is translated there; returns how many texts wait for their translation."""
    kept = _translations(path)
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ET.Element] = {}
    waiting = 0
    for message in sorted(messages, key=lambda each: (each.context, each.file, each.line)):
        if message.context not in contexts:
            contexts[message.context] = ET.SubElement(root, "context")
            ET.SubElement(contexts[message.context], "name").text = message.context
        entry = ET.SubElement(contexts[message.context], "message")
        if message.file:
            ET.SubElement(entry, "location", filename=f"../../{message.file}", line=str(message.line))
        ET.SubElement(entry, "source").text = message.text
        if message.remark:
            ET.SubElement(entry, "extracomment").text = message.remark
        translation = ET.SubElement(entry, "translation")
        translation.text = kept.get((message.context, message.text), "")
        if not translation.text:
            translation.set("type", "unfinished")
            waiting += 1
    ET.indent(root, "    ")
    path.parent.mkdir(parents=True, exist_ok=True)
    body = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return waiting


def _translations(path: Path) -> dict[tuple[str, str], str]:
    if not path.exists():
        return {}
    found = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            text = message.findtext("translation", "")
            if text:
                found[context.findtext("name", ""), message.findtext("source", "")] = text
    return found


def compile_file(path: Path) -> None:
    """Compile a .ts file to the .qm file beside it."""
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([str(tool), "-silent", str(path)], check=True)


def main(arguments: Sequence[str]) -> int:
    """Make or update the files of the languages that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE", help="as in a locale's name: de, pt_BR")
    options = parser.parse_args(arguments)
    messages = collect()
    for language in options.languages:
        path = I18N / f"inkwell_{language}.ts"
        waiting = write(path, messages, language)
        compile_file(path)
        print(f"{path.relative_to(ROOT)}: {len(messages)} texts, {waiting} to be translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
