"""Draws the program's icon in the sizes that systems ask for: PNG for menus, .ico for Windows, .icns for macOS.

    python packaging/app_icons.py FOLDER

Run by the build with its own Python, since it draws with Qt.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Edges in pixels, of the folders that the hicolor theme has."""
_SIZE_IN_CONTAINERS = 256
_SOURCE = Path(__file__).resolve().parent.parent / "resources" / "icons" / "app" / "inkwell.svg"


def draw(folder: Path) -> list[Path]:
    """Write `inkwell-SIZE.png` for each size, `inkwell.ico` and `inkwell.icns`; the files written. Raises OSError."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(_SOURCE))
    wanted = [(folder / f"inkwell-{size}.png", size) for size in SIZES]
    wanted += [(folder / f"inkwell.{kind}", _SIZE_IN_CONTAINERS) for kind in ("ico", "icns")]
    folder.mkdir(parents=True, exist_ok=True)
    for path, size in wanted:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        if not image.save(str(path)):
            raise OSError(f"{path} could not be written.")
    return [path for path, _size in wanted]


def main() -> int:
    """Draw into the folder that the command line names."""
    from PySide6.QtGui import QGuiApplication

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _application = QGuiApplication(sys.argv[:1])
    draw(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
