"""Regions are named by words that many of their notes have and few others."""

from __future__ import annotations

from desktop_app.domain.note_map import region_names, words_for_names


def test_words_of_a_note_without_stop_words_numbers_and_addresses() -> None:
    found = words_for_names("The bread", "Bread of 2024 at https://example.org/path and src/module/file.py rises")
    assert found == {"bread": 3, "rises": 1}


def test_code_names_nothing_but_a_title_with_code_does() -> None:
    text = "Say `print(hello)`.\n\n```python\ndef knead(dough):\n    return oven\n```\n\nAfter.\n\n~~~\nopen"
    assert words_for_names("Sorting with `sqlite`", text) == {"say": 1, "sorting": 3, "sqlite": 3}


def test_a_region_is_named_by_what_sets_it_apart() -> None:
    sets = [{"paper", "dough", "oven"}, {"paper", "dough", "oven"}, {"paper", "dough", "kitchen"}]
    sets += [{"paper", "wheel", "brake"}, {"paper", "wheel", "brake"}, {"paper", "wheel"}]
    words = [dict.fromkeys(each, 1) for each in sets]
    assert region_names(words, [0, 0, 0, 1, 1, 1], 2) == ("dough · oven", "wheel · brake")
    words[0]["oven"] = words[1]["oven"] = 3
    assert region_names(words, [0, 0, 0, 1, 1, 1], 2)[0] == "oven · dough", "what titles say comes first"


def test_no_two_words_of_one_stem_and_no_word_of_one_note() -> None:
    words = [dict.fromkeys(("train", "trains", "ticket"), 1)] * 2 + [{"lonely": 3}]
    assert region_names(words, [0, 0, 1], 2) == ("ticket · train", "")


def test_forms_of_a_word_name_a_region_together() -> None:
    words = [{"pupil": 1, "school": 1}, {"pupils": 3, "garden": 1}, {"boats": 1}, {"boat": 1}, {"boats": 1}]
    assert region_names(words, [0, 0, 1, 1, 1], 2) == ("pupils", "boats")


def test_scripts_without_blanks_name_regions_by_what_they_share() -> None:
    notes = [
        ("麻婆豆腐", "嫩豆腐切成小块,用盐水焯一下。"),
        ("豆腐汤", "豆腐和海带一起煮,加盐。"),
        ("拌豆腐", "嫩豆腐加酱油。"),
        ("京都旅行", "新幹線の切符は一ヶ月前から予約できる。ホテルは駅の近く。"),
        ("大阪旅行", "新幹線で行く。ホテルは安い。"),
        ("奈良", "ホテルの予約、新幹線の時間。"),
    ]
    first, second = region_names([words_for_names(*note) for note in notes], [0, 0, 0, 1, 1, 1], 2)
    assert first.split(" · ")[0] == "豆腐"
    assert set(second.split(" · ")) < {"旅行", "新幹線", "ホテル"}, "not 新幹, which is a piece of a word"
