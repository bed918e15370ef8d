"""Markdown in messages: what it looks like to a reader, and what it must never do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFont, QFontMetricsF, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.markdown_blocks import LONGEST_RUN, split_blocks
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.block_marks import CIRCLE, DISC, MARK, NUMBER, QUOTE_LEVEL, RULE, TASK_DONE, TASK_OPEN
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.link_targets import is_safe_link
from desktop_app.ui.chat.message_text import MarkdownText, PlainMessageText
from desktop_app.ui.chat.selection import MessageSelection
from desktop_app.ui.theme.theme import Theme


@pytest.fixture
def text(qtbot: QtBot, theme: Theme) -> MarkdownText:
    made = MarkdownText(theme)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def body(qtbot: QtBot, theme: Theme) -> AnswerBody:
    made = AnswerBody(theme, MessageSelection(list, str, lambda: None))
    qtbot.addWidget(made)
    return made


def show(text: MarkdownText, source: str) -> QTextDocument:
    text.show_blocks(split_blocks(source))
    return text.document()


def lines(document: QTextDocument) -> list[str]:
    return document.toPlainText().split("\n")


def block_properties(document: QTextDocument, number: int) -> list[int]:
    found = []
    block = document.begin()
    while block.isValid():
        found.append(block.blockFormat().intProperty(number))
        block = block.next()
    return found


def format_of(document: QTextDocument, word: str) -> QTextCursor:
    cursor = document.find(word)
    assert not cursor.isNull(), f"{word!r} is not shown"
    return cursor


def anchors(document: QTextDocument) -> list[str]:
    found = []
    block = document.begin()
    while block.isValid():
        for form in block.textFormats():
            if form.format.isAnchor():
                found.append(form.format.anchorHref())
        block = block.next()
    return found


def test_inline_marks(text: MarkdownText) -> None:
    document = show(text, "plain **bold** *slanted* ~~gone~~ `code`")
    assert document.toPlainText() == "plain bold slanted gone code"
    assert format_of(document, "bold").charFormat().fontWeight() == QFont.Weight.DemiBold
    assert format_of(document, "slanted").charFormat().fontItalic()
    assert format_of(document, "gone").charFormat().fontStrikeOut()
    assert "JetBrains Mono" in format_of(document, "code").charFormat().font().families()
    assert format_of(document, "plain").charFormat().fontWeight() == QFont.Weight.Normal


def test_headings_lists_and_quotes(text: MarkdownText) -> None:
    document = show(text, "## Title\n\n- one\n  - nested\n- [x] done\n- [ ] open\n\n> wise\n\n---\nend")
    assert lines(document) == ["Title", "one", "nested", "done", "open", "wise", "", "end"]
    assert document.begin().blockFormat().headingLevel() == 2
    assert block_properties(document, MARK) == [0, DISC, CIRCLE, TASK_DONE, TASK_OPEN, 0, RULE, 0]
    assert block_properties(document, QUOTE_LEVEL) == [0, 0, 0, 0, 0, 1, 0, 0]


def test_ordered_lists_keep_their_number(text: MarkdownText) -> None:
    document = show(text, "3. three\n4. four")
    items = document.begin().textList()
    assert items is not None
    assert items.format().start() == 3
    assert items.count() == 2


def test_tasks_of_ordered_lists_have_a_box_behind_their_number(text: MarkdownText) -> None:
    document = show(text, "9. [x] done\n10. [ ] open\n11. plain\n12. [ ] last\n    - [ ] nested")
    assert lines(document) == ["done", "open", "plain", "last", "nested"]
    assert block_properties(document, MARK) == [TASK_DONE, TASK_OPEN, 0, TASK_OPEN, TASK_OPEN]
    numbers = []
    block = document.begin()
    while block.isValid():
        numbers.append(block.blockFormat().property(NUMBER))
        block = block.next()
    assert numbers == ["9.", "10.", None, "12.", None]
    plain = document.findBlockByNumber(2).textList()
    assert plain is not None
    assert plain.format().start() == 11, "the items between tasks keep their numbers"
    assert [task.done for task in text.tasks()] == [True, False, False, False]
    assert text._has_marks, "boxes are drawn"


def test_tables(text: MarkdownText) -> None:
    document = show(text, "before\n\n| a | b |\n|---|--:|\n| **c** | 1.5 |\n\nafter")
    tables = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert len(tables) == 1
    assert (tables[0].rows(), tables[0].columns()) == (2, 2)
    assert tables[0].cellAt(1, 0).firstCursorPosition().block().text() == "c"
    assert lines(document)[-1] == "after"


def test_a_table_that_grows_leaves_no_rows_behind(text: MarkdownText) -> None:
    source = "| a | b |\n|---|---|\n"
    for row in range(5):
        source += f"| {row} | x |\n"
        text.show_blocks(split_blocks(source), writing=True)
    text.show_blocks(split_blocks(source))
    tables = text.document().rootFrame().childFrames()
    assert len(tables) == 1
    assert "\u2007" not in text.toPlainText()


@pytest.mark.parametrize(
    "source",
    [
        "![x](file:///etc/passwd)",
        "![x](/etc/passwd)",
        "![x](http://example.org/a.png)",
        "![x](//host/share)",
        "![x](data:image/png;base64,AAAA)",
        "<img src='file:///etc/passwd'>",
        "[![x](http://example.org/a.png)](http://example.org)",
        "![x][ref]\n\n[ref]: http://example.org/a.png",
    ],
)
def test_no_image_is_ever_in_the_document(text: MarkdownText, source: str) -> None:
    document = show(text, source)
    assert "\ufffc" not in document.toPlainText(), "an object replacement character stands for an image"
    assert "<img" not in document.toHtml().replace("&lt;img", "")


def test_load_resource_refuses_and_remembers(text: MarkdownText) -> None:
    url = QUrl("file:///etc/passwd")
    kind = int(QTextDocument.ResourceType.ImageResource.value)
    assert bytes(text.loadResource(kind, url)) == b""
    assert bytes(text.document().resource(kind, url)) == b""


@pytest.mark.parametrize("target", ["http://example.org", "https://a.b/c?d=e", "mailto:a@b.c"])
def test_safe_links_are_links(text: MarkdownText, target: str) -> None:
    assert is_safe_link(target)
    assert anchors(show(text, f"[word]({target})")) == [target]


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "file:///etc/passwd", "//host/share", "vbscript:x", "data:text/html,x", "http:", "ftp://x"],
)
def test_other_targets_are_shown_and_never_links(text: MarkdownText, target: str) -> None:
    assert not is_safe_link(target)
    document = show(text, f"[word]({target})")
    assert anchors(document) == []
    assert document.toPlainText() == f"word ({target})"


def test_html_is_shown_as_it_stands(text: MarkdownText) -> None:
    assert show(text, "a <b>bold</b> <script>x</script>").toPlainText() == "a <b>bold</b> <script>x</script>"


def test_own_words_that_were_never_shown_ask_for_the_width_of_their_line(theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    for words in ("What is iron gall ink made of?", "Does such ink harm paper, and how long does it last? " * 2):
        plain = PlainMessageText(theme, parent)
        plain.show_text(words)
        natural = QFontMetricsF(plain.font()).horizontalAdvance(words)
        assert abs(plain.wanted_width() - natural) < 12, words
        height = plain.fit(plain.wanted_width())
        assert height < 2 * QFontMetricsF(plain.font()).height(), "one line"


def test_a_persons_text_is_shown_character_for_character(qtbot: QtBot, theme: Theme) -> None:
    plain = PlainMessageText(theme)
    qtbot.addWidget(plain)
    plain.show_text("**not bold** <b>x</b>\n![a](b)")
    assert plain.toPlainText() == "**not bold** <b>x</b>\n![a](b)"


def test_unbroken_runs_are_broken_for_layout_and_whole_when_copied(qtbot: QtBot, theme: Theme) -> None:
    word = "x" * (LONGEST_RUN * 3)
    plain = PlainMessageText(theme)
    qtbot.addWidget(plain)
    plain.show_text(word)
    assert max(len(run) for run in plain.toPlainText().split("\u200b")) <= LONGEST_RUN
    plain.selectAll()
    assert plain.selected_text() == word


def test_code_is_a_widget_of_its_own(body: AnswerBody) -> None:
    body.show_text("before\n```python\ndef f(x):\n    return 'y'\n```\nafter", writing=False)
    kinds = [type(part) for part in body.parts]
    assert kinds == [MarkdownText, CodeBlock, MarkdownText]
    code = body.parts[1]
    assert isinstance(code, CodeBlock)
    assert code.language == "python"
    assert code.code == "def f(x):\n    return 'y'"
    formats = code.lines.document().begin().layout().formats()
    assert formats, "the first line is coloured"


@pytest.mark.parametrize("size", [1, 3, 17])
def test_streamed_equals_shown_at_once(qtbot: QtBot, theme: Theme, size: int) -> None:
    source = (
        "# Title\nSome **bold** and `code`.\n\n1. one\n   ```sh\n   ls\n   ```\n2. two\n\n- a\n- b\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n\n```python\ndef f():\n    '''doc\n    doc'''\n```\nend"
    )

    def described(made: AnswerBody) -> list[tuple[str, ...]]:
        return [
            ("code", part.language, part.code) if isinstance(part, CodeBlock) else ("text", part.toPlainText())
            for part in made.parts
        ]

    bodies = [AnswerBody(theme, MessageSelection(list, str, lambda: None)) for _ in range(2)]
    for made in bodies:
        qtbot.addWidget(made)
    bodies[0].show_text(source, writing=False)
    bodies[1].show_text("", writing=True)
    for start in range(0, len(source), size):
        bodies[1].add_text(source[start : start + size])
    bodies[1].finish()
    assert described(bodies[1]) == described(bodies[0])


def test_a_growing_answer_leaves_earlier_widgets_alone(qtbot: QtBot, body: AnswerBody) -> None:
    body.show_text("paragraph of words\n\n" * 2_000, writing=True)
    first, count = body.parts[0], len(body.parts)
    assert count > 5
    qtbot.waitUntil(lambda: body.is_complete)
    revision = first.document().revision() if isinstance(first, MarkdownText) else 0
    for _ in range(50):
        body.add_text("more words ")
    assert body.parts[0] is first
    assert isinstance(first, MarkdownText)
    assert first.document().revision() == revision


def test_long_code_is_coloured_to_its_end(qtbot: QtBot, body: AnswerBody) -> None:
    body.show_text("```python\n" + "value = compute(42)  # why\n" * 2_000 + "```", writing=False)
    code = body.parts[0]
    assert isinstance(code, CodeBlock)
    last = code.lines.document().lastBlock()
    qtbot.waitUntil(lambda: bool(last.layout().formats()), timeout=10_000)


def test_copy_code_copies_the_bytes(qtbot: QtBot, body: AnswerBody) -> None:
    from PySide6.QtGui import QGuiApplication

    source = "a = 1\n\tb\n" + "z" * (LONGEST_RUN + 5)
    body.show_text(f"```\n{source}\n```", writing=False)
    code = body.parts[0]
    assert isinstance(code, CodeBlock)
    code.copy_code()
    assert QGuiApplication.clipboard().text() == source


def test_the_parts_of_a_long_table_join_without_a_seam(body: AnswerBody) -> None:
    rows = "\n".join(f"| row {number} | of the table |" for number in range(300))
    body.show_text(f"| a | b |\n|---|---|\n{rows}\n\nafter", writing=False)
    body.render_all()
    body.fit(700)
    texts = [part for part in body.parts if isinstance(part, MarkdownText)]
    assert len(texts) > 2
    assert "".join(part.toPlainText() for part in texts).count("of the table") == 300
    assert sum(part.toPlainText().split("\n").count("a") for part in texts) == 1
    for upper, lower in pairwise(texts[:-1]):
        assert lower.y() - upper.geometry().bottom() <= 3
