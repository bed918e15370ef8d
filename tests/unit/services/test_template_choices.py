"""Which template a model is used with outlives the program, and damage to the file costs the choice only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import SettingError
from desktop_app.services.template_choices import TemplateChoices

CHATML = BuiltInTemplate.CHATML


def test_a_choice_is_kept_for_its_model_and_can_be_undone(tmp_path: Path) -> None:
    file = tmp_path / "config" / "chat-templates.json"
    TemplateChoices(file).choose("a", CHATML)
    again = TemplateChoices(file)
    assert again.of("a") is CHATML
    assert again.of("b") is None
    again.choose("a", None)
    assert TemplateChoices(file).of("a") is None
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_another_process_chose_meanwhile_stays(tmp_path: Path) -> None:
    file = tmp_path / "chat-templates.json"
    first, second = TemplateChoices(file), TemplateChoices(file)
    first.choose("a", CHATML)
    second.choose("b", BuiltInTemplate.GEMMA)
    assert TemplateChoices(file).of("a") is CHATML


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": "of a newer Inkwell", "b": 3, "c": null}', "\ud800"])
def test_a_damaged_file_counts_as_nothing_chosen(tmp_path: Path, content: str) -> None:
    file = tmp_path / "chat-templates.json"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    choices = TemplateChoices(file)
    assert choices.of("a") is None
    choices.choose("a", CHATML)
    assert TemplateChoices(file).of("a") is CHATML


def test_what_is_forced_for_one_run_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "chat-templates.json"
    choices = TemplateChoices(file)
    choices.choose("a", CHATML)
    choices.force(None)
    assert choices.of("a") is None
    choices.force(BuiltInTemplate.GEMMA)
    assert choices.of("a") is choices.of("b") is BuiltInTemplate.GEMMA
    assert TemplateChoices(file).of("a") is CHATML


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="folders that cannot be written")
def test_a_choice_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    choices = TemplateChoices(tmp_path / "chat-templates.json")
    with pytest.raises(SettingError):
        choices.choose("a", CHATML)
    assert choices.of("a") is None
    tmp_path.chmod(0o700)


def test_a_place_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(SettingError, match="not saved"):
        TemplateChoices(tmp_path / "config" / "chat-templates.json").choose("a", CHATML)
