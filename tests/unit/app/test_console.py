"""Progress bars: seldom redrawn, taken away, and silent where nobody watches."""

from __future__ import annotations

import io

from desktop_app.app.cli.console import Console, Progress


class Watched(io.StringIO):
    """A stream a person looks at."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_where_someone_watches_and_taken_away() -> None:
    err = Watched()
    with Console(io.StringIO(), err, as_json=False).progress("Importing") as bar:
        bar.update(1, 4, "a.md")
        drawn = err.getvalue()
    assert "Importing ██████░░░░░░░░░░░░░░░░░░ 1 of 4 a.md" in drawn
    assert err.getvalue().endswith(" \r")


def test_nobody_watching_means_no_bar() -> None:
    err = io.StringIO()
    with Console(io.StringIO(), err, as_json=False).progress("Importing") as bar:
        bar.update(1, 4)
    assert err.getvalue() == ""


def test_a_bar_is_redrawn_ten_times_a_second_and_at_the_end() -> None:
    now = [0.0]
    err = Watched()
    bar = Progress(err, "Indexing", clock=lambda: now[0])
    for done in range(1, 1001):
        now[0] += 0.001
        bar.update(done, 1000)
    assert 9 <= err.getvalue().count("\r") <= 12
    assert "1,000 of 1,000" in err.getvalue()


def test_a_file_name_cannot_move_the_cursor() -> None:
    err = Watched()
    Progress(err, "Importing").update(1, 2, "\x1b[2Jevil\r.md")
    assert "\x1b" not in err.getvalue()
    assert err.getvalue().count("\r") == 1


def test_a_longer_line_is_overwritten_by_a_shorter_one() -> None:
    now = [0.0]
    err = Watched()
    bar = Progress(err, "Importing", clock=lambda: now[0])
    bar.update(1, 3, "a-long-name.md")
    now[0] = 1.0
    bar.update(2, 3, "b")
    first, second = err.getvalue().split("\r")[1:]
    assert len(second) >= len(first)


def test_json_silences_words_and_words_silence_json() -> None:
    out = io.StringIO()
    Console(out, io.StringIO(), as_json=True).say("words")
    Console(out, io.StringIO(), as_json=False).result({"a": 1})
    assert out.getvalue() == ""


def test_a_terminal_obeys_no_text_of_a_note_an_answer_or_a_file_name() -> None:
    out, err = Watched(), Watched()
    console = Console(out, err)
    hostile = "red \x1b[31m title \x1b]0;mine\x07 bell\x07 back\x08 \x9b2J over\rwritten\ttab\r\nnext é 😀\n"
    console.say(hostile)
    console.stream(hostile)
    Console(out, err, as_json=True).result({"title": "\x9b2J"})
    console.note(hostile)
    for text in (out.getvalue(), err.getvalue()):
        assert not set("\x1b\x07\x08\x9b") & set(text)
        assert "over?written" in text or "over written" in text
    assert "\ttab\r\nnext é 😀\n" in out.getvalue()


def test_a_file_or_a_pipe_gets_a_text_as_it_is() -> None:
    out = io.StringIO()
    Console(out, io.StringIO()).stream("a\x1b[31mb\rc")
    assert out.getvalue() == "a\x1b[31mb\rc"
