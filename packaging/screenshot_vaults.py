"""Scenes of linked folders: the question, in step, a conflict, a folder that is not there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from screenshot_notes import fill
from screenshot_stage import Camera, Stage, end

from desktop_app.app.container import Container
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.folder_sync import FolderState
from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.notes.folder_export import FolderExportControls

FILES = {
    "Seedlings.md": "---\nstatus: growing\n---\n# Seedlings\n\nTomatoes and basil, sown on 3 March. #garden\n",
    "Beds/North bed.md": "# North bed\n\nShade until noon: lettuce, chard and mint.\n",
    "Beds/South bed.md": "# South bed\n\nTomatoes after the ice saints, beans along the fence.\n",
    "Diary/2026-05-12.md": "# 12 May\n\nRain at last. The [[North bed]] needs none for days.\n",
}


def linked_folders(camera: Camera, folder: Path) -> None:
    """The question when a folder comes in, the folder in step, with a conflict, and gone."""
    elsewhere = tempfile.TemporaryDirectory()
    vault = Path(elsewhere.name) / "Garden vault"

    def prepare(container: Container) -> None:
        fill(container)
        for name, text in FILES.items():
            path = vault / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    stage = Stage(camera, folder, prepare=prepare)
    try:
        screen = stage.screen("notes")
        presenter, linked = stage.presenter(NotesPresenter), stage.presenter(LinkedFoldersPresenter)
        stage.until(lambda: presenter.model.rows, "the list")
        linked.bring_in([vault])
        stage.until(lambda: screen.linked.choice is not None, "the question")
        stage.shoot("linked-folder-question", sheet=screen.linked.choice)
        screen.linked.choice.keep.clicked.emit()
        stage.until(lambda: linked.statuses and presenter.filter.folder == vault.name, "the linked folder")
        stage.until(lambda: any(one.title == "Seedlings" for one in presenter.model.rows), "its notes")
        note_id = next(row.id for row in presenter.model.rows if row.title == "Seedlings")
        stage.desk.shell.show_note(note_id)
        stage.until(lambda: screen.view.editor.toPlainText().startswith("# Seedlings"), "the note")
        stage.shoot("linked-folder-in-step")
        presenter.set_folder(None)
        stage.desk.actions["note.export_folder"].trigger()
        exports = screen.findChild(FolderExportControls)
        stage.until(lambda: exports.question is not None, "the question which folder")
        stage.shoot("linked-folder-export", sheet=exports.question)
        exports.question.reject()
        presenter.set_folder(vault.name)
        stage.container.store.notes.save(note_id, title="Seedlings", text="# Seedlings\n\nSown again in April.\n")
        (vault / "Seedlings.md").write_text("# Seedlings\n\nBasil only, the tomatoes froze.\n", encoding="utf-8")
        linked.look()
        stage.until(lambda: linked.statuses[0].state is FolderState.CONFLICTS, "the conflict")
        stage.shoot("linked-folder-conflict")
        dialog = screen.linked.show_conflicts(linked.statuses[0])
        stage.shoot("linked-folder-conflicts", sheet=dialog)
        dialog.close()
        stage.container.note_parts.linked_folders.look_at_all(CancelToken())
        for number in range(1, 7):
            (vault / "Archive").mkdir(exist_ok=True)
            (vault / "Archive" / f"Harvest {2019 + number}.md").write_text("Noted in autumn.\n", encoding="utf-8")
        stage.container.note_parts.linked_folders.look_at_all(CancelToken())
        (vault / "Archive").rename(vault.with_name("archive disk"))
        linked.look()
        stage.until(lambda: linked.statuses[0].state is FolderState.HELD, "the files to be gone")
        stage.shoot("linked-folder-held")
        vault.rename(vault.with_name("unplugged"))
        linked.look()
        stage.until(lambda: linked.statuses[0].state is FolderState.NOT_THERE, "the folder to be gone")
        stage.shoot("linked-folder-gone")
        linked.notice.emit("“Garden vault” is linked no more. Its notes stay as copies.", lambda: None)
        stage.shoot("linked-folder-gone-notice")
    finally:
        end(stage)
        elsewhere.cleanup()
