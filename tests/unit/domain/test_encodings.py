"""Texts in the encodings before Unicode: what they say comes back, and a guess never loses a byte of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.text_decoding import decode_text

TEXTS = {
    "cp1252": [
        "Café à Noël, où l’été",
        "Grüße aus München, schöne Straße",
        "El niño comió en España ¿qué?",
        "Smørrebrød på Ærø, Ålesund",
        "città perché così più",
        "São Paulo não é avião",
    ],
    "latin-1": ["Das Mädchen aß Äpfel", "déjà vu à la carte"],
    "cp1250": [
        "Zażółć gęślą jaźń",
        "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "Árvíztűrő tükörfúrógép",
        "Kup mleko i chleb, zadzwoń do Łukasza w środę",
        "Večer v sedm, přines víno",
    ],
    "cp1251": [
        "Привет, мир",
        "мама мыла раму",
        "Сьогодні їжак з'їв яблуко",
        "Заметка о встрече: позвонить в 10:00, Inkwell 2.0",
        "СПИСОК ПОКУПОК: молоко",
    ],
    "koi8-r": ["Привет, мир", "мама мыла раму", "Заметка о встрече: позвонить в 10:00", "СПИСОК ПОКУПОК: молоко"],
    "shift_jis": [
        "こんにちは、世界",
        "今日の買い物：牛乳とパン",
        "会議は10時からです。Inkwell 2.0",
        "日本語のテキスト",
    ],
    "gb18030": ["你好，世界", "今天买牛奶和面包", "会议在十点开始。Inkwell 2.0", "中文文本的编码检测"],
    "utf-16": ["Grüße und 世界"],
    "utf-8-sig": ["Grüße und 世界"],
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_short_texts_in_older_encodings(encoding: str, text: str) -> None:
    decoded = decode_text(f"# {text}\n".encode(encoding))
    assert decoded is not None
    assert decoded.text == f"# {text}\n"


def test_how_it_was_read_is_said() -> None:
    decoded = decode_text("Привет, мир".encode("koi8-r"))
    assert decoded is not None
    assert decoded.remark == "It is not UTF-8; it was read as KOI8-R."


def test_utf8_with_a_broken_place_stays_utf8() -> None:
    decoded = decode_text("Привет, мир и ещё".encode() + b" caf\xe9")
    assert decoded is not None
    assert decoded.text == "Привет, мир и ещё café"


def test_letters_far_down_decide() -> None:
    decoded = decode_text(b"plain line\n" * 20_000 + "тихий вечер у реки".encode("cp1251"))
    assert decoded is not None
    assert decoded.text.endswith("тихий вечер у реки")


@given(st.binary(max_size=300))
def test_any_bytes_give_none_or_a_text_that_gives_them_again(data: bytes) -> None:
    decoded = decode_text(data)
    if decoded is not None and not decoded.remark:
        assert decoded.mark + decoded.text.encode(decoded.encoding) == data
