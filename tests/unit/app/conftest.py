"""A command line over fake services."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.app.command_line import Line


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """Runs command lines against one fake container."""
    return Line(tmp_path / "data")
