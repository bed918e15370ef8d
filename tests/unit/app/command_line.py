"""Command lines over fake services, for tests of the verbs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from desktop_app.app.cli import main
from desktop_app.app.paths import DataPaths
from tests.fakes.fake_container import FakeContainer


class Line:
    """Runs command lines against one fake container."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.container: FakeContainer | None = None
        self.prepare: Callable[[FakeContainer], None] = lambda container: None
        self.out = ""
        self.err = ""

    def __call__(self, *arguments: str, stdin: str = "") -> int:
        out, err = io.StringIO(), io.StringIO()
        code = main(
            ["--data-dir", str(self.folder), *arguments],
            container_factory=self._make,  # type: ignore[arg-type]
            environ={},
            stdin=io.StringIO(stdin),
            stdout=out,
            stderr=err,
        )
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def json(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        assert self(*arguments, "--json", stdin=stdin) == 0, self.err
        assert self.out.count("\n") == 1
        values: dict[str, Any] = json.loads(self.out)
        return values

    def _make(self, paths: DataPaths, overrides: Mapping[str, str]) -> FakeContainer:
        if self.container is None:
            self.container = FakeContainer(paths, overrides)
            self.prepare(self.container)
        return self.container

    @property
    def made(self) -> FakeContainer:
        assert self.container is not None
        return self.container
