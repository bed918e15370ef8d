"""The tree of the Debian package: the frozen folder under /opt, a command, a menu entry, icons, what it depends on."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping

import app_icons
import system_check

_HERE = os.path.dirname(os.path.abspath(__file__))
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_HOME = "opt/inkwell"
_GLIBC = re.compile(rb"\x00GLIBC_2\.(\d+)(?:\.\d+)?(?=\x00)")
_METAINFO = "io.inkwell.Inkwell.metainfo.xml"


def architecture(machine: str) -> str:
    """Debian's word for a kind of processor."""
    return _ARCHITECTURES.get(machine, machine)


def lay_out(tree: str, folder: str, icons: str, root: str, version: str, machine: str, date: int) -> None:
    """Write the tree that dpkg-deb packs.

    Args:
        tree: a folder that is not there yet.
        folder: the frozen program; its files are linked where the disk can, else copied.
        icons: the drawn icons.
        root: the checkout.
        machine: the kind of processor, as Linux names it.
        date: time of all files, in seconds.
    """
    home = os.path.join(tree, *_HOME.split("/"))
    os.makedirs(os.path.dirname(home))
    shutil.copytree(folder, home, symlinks=True, copy_function=_link_or_copy)
    os.makedirs(os.path.join(tree, "usr", "bin"))
    os.symlink(f"/{_HOME}/inkwell", os.path.join(tree, "usr", "bin", "inkwell"))
    share = os.path.join(tree, "usr", "share")
    write_menu_files(share, icons, root, version, date)
    documents = os.path.join(share, "doc", "inkwell")
    os.makedirs(documents)
    with open(os.path.join(documents, "copyright"), "w", encoding="utf-8") as file:
        file.write(_COPYRIGHT)
    with open(os.path.join(root, "CHANGELOG.md"), "rb") as changes:
        text = changes.read()
    with open(os.path.join(documents, "changelog.gz"), "wb") as packed:
        packed.write(gzip.compress(text, 9, mtime=date))
    os.makedirs(os.path.join(tree, "DEBIAN"))
    with open(os.path.join(tree, "DEBIAN", "control"), "w", encoding="utf-8") as file:
        file.write(control(version, architecture(machine), installed_kib(tree), depends(folder)))
    open_to_all(tree)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def write_menu_files(share: str, icons: str, root: str, version: str, date: int) -> None:
    """Menu entry, icons, description for software centres, and the kind of GGUF files, below a `share` folder."""
    linux = os.path.join(_HERE, "linux")
    for size in app_icons.SIZES:
        _copy(os.path.join(icons, f"inkwell-{size}.png"), share, f"icons/hicolor/{size}x{size}/apps/inkwell.png")
    drawing = os.path.join(root, "resources", "icons", "app", "inkwell.svg")
    _copy(drawing, share, "icons/hicolor/scalable/apps/inkwell.svg")
    _copy(os.path.join(linux, "inkwell.desktop"), share, "applications/inkwell.desktop")
    _copy(os.path.join(linux, "inkwell.xml"), share, "mime/packages/inkwell.xml")
    with open(os.path.join(linux, _METAINFO), encoding="utf-8") as file:
        text = file.read()
    day = time.strftime("%Y-%m-%d", time.gmtime(date))
    os.makedirs(os.path.join(share, "metainfo"))
    with open(os.path.join(share, "metainfo", _METAINFO), "w", encoding="utf-8") as file:
        file.write(text.replace("@VERSION@", version).replace("@DATE@", day))


def _copy(source: str, share: str, place: str) -> None:
    target = os.path.join(share, *place.split("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def control(version: str, architecture: str, installed_kib: int, depends: Iterable[str]) -> str:
    """The package's description of itself. https://www.debian.org/doc/debian-policy/ch-controlfields.html"""
    return (
        "Package: inkwell\n"
        f"Version: {version}\n"
        f"Architecture: {architecture}\n"
        "Maintainer: The Inkwell project <inkwell@localhost>\n"
        f"Installed-Size: {installed_kib}\n"
        f"Depends: {', '.join(depends)}\n"
        "Recommends: fonts-noto-color-emoji, hunspell-en-us, xdg-desktop-portal\n"
        "Section: editors\n"
        "Priority: optional\n"
        "Description: chat with a local model and find your notes by meaning\n"
        " A private desk for thinking, in one window on your own computer. Chat with a\n"
        " language model that runs here, keep notes in Markdown, and find them by what\n"
        " they mean. It works without a network, and brings its own Python and two\n"
        " small models.\n"
    )


def depends(folder: str) -> list[str]:
    """The system's packages that the frozen folder needs: of Qt's libraries those that it does not bring itself, and
    the C library in the version that its newest part was linked with.
    """
    brought = {name for _folder, _folders, names in os.walk(folder) for name in names}
    libraries = {**system_check.ALWAYS, **system_check.FOR_X11, **system_check.FOR_WAYLAND}
    return [f"libc6 (>= 2.{newest_glibc(shared_objects(folder))})", *missing_packages(libraries, brought)]


def missing_packages(libraries: Mapping[str, str], brought: Iterable[str]) -> list[str]:
    """Packages of the libraries that are not among the file names brought along, sorted."""
    there = set(brought)
    return sorted({package for library, package in libraries.items() if library not in there})


def shared_objects(folder: str) -> Iterable[bytes]:
    """The bytes of each program and shared library below."""
    for inside, _folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(inside, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield b"\x7fELF" + file.read()


def newest_glibc(objects: Iterable[bytes]) -> int:
    """The newest version of glibc, as the number behind `2.`, whose symbols any of them names."""
    return max((int(number) for each in objects for number in _GLIBC.findall(each)), default=17)


def installed_kib(tree: str) -> int:
    """What the tree takes on a disk, in KiB."""
    paths = (os.path.join(folder, name) for folder, _folders, names in os.walk(tree) for name in names)
    return sum((os.lstat(path).st_size + 1023) // 1024 for path in paths)


def open_to_all(tree: str) -> None:
    """Modes as packages have them, whatever the umask was: everybody reads, the owner alone writes."""
    for folder, _folders, names in os.walk(tree):
        os.chmod(folder, 0o755)
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)


_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Inkwell

Files: *
Copyright: The authors of Inkwell
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
Comment:
 The parts by others, each with its licence, are listed in
 /opt/inkwell/_internal/desktop_app/_resources/licences/THIRD_PARTY.md,
 and their texts lie beside that list. Qt and PySide6 are shared libraries under
 the LGPL-3 in /opt/inkwell/_internal/PySide6, and may be replaced.
"""
