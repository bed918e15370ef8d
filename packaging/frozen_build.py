"""The steps of `dev.py build`: an environment of its own, PyInstaller's folder, archive, Debian package, checksums.

Everything lies in `build/package/` but what is to be given away, which lies in `dist/`. Each step leaves a stamp with
what it was made from, as the set-up's do; a step whose result is gone is due again. Only the standard library.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence

import debian_package
from setup_steps import Checkout, RunLogged, SetupError, Step, Tick, last_lines

_HERE = os.path.dirname(os.path.abspath(__file__))
_SOURCES = ("desktop_app", "resources", "LICENSE", "packaging/frozen")
_RULES = ("packaging/frozen_contents.py", "packaging/system_licences.py")
_REQUIREMENTS = ("1-torch", "2-llama-cpp", "3-libraries", "4-starter-models", "6-build")
_READ_AT_ONCE = 1 << 20
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}

LLAMA_OPTIONS = ("--no-cache-dir", "-C", "cmake.define.GGML_NATIVE=OFF", "-C", "cmake.define.LLAVA_BUILD=OFF")
"""llama.cpp for other computers than this one: instructions up to AVX2, FMA, F16C and BMI2 (Intel since 2013, AMD
since 2015) in place of all that this processor has, and without pictures and speech, which the program has no door to.
From its cache pip would take what was compiled for this computer."""


class Layout:
    """Where the parts of a build lie, and what they are called."""

    def __init__(self, root: str, system: str = sys.platform, machine: str = "") -> None:
        self.root = root
        self.system = {"win32": "windows", "darwin": "macos"}.get(system, "linux")
        machine = (machine or platform.machine()).lower()
        self.machine = "arm64" if self.system == "macos" and machine == "arm64" else _MACHINES.get(machine, machine)
        self.work = os.path.join(root, "build", "package")
        self.environment = os.path.join(self.work, "environment")
        self.icons = os.path.join(self.work, "icons")
        self.dist = os.path.join(root, "dist")
        self.folder = os.path.join(self.dist, "Inkwell.app" if self.system == "macos" else "inkwell")
        self.version = version_in(os.path.join(root, "desktop_app", "__init__.py"))

    @property
    def name(self) -> str:
        """The archive's name without its ending, and the folder inside it."""
        return f"inkwell-{self.version}-{self.system}-{self.machine}"

    @property
    def archive(self) -> str:
        """What is unpacked to be used: what the system opens by itself."""
        return os.path.join(self.dist, f"{self.name}{'.zip' if self.system == 'windows' else '.tar.gz'}")

    @property
    def debian(self) -> str:
        """The Debian package."""
        architecture = debian_package.architecture(self.machine)
        return os.path.join(self.dist, f"inkwell_{self.version}_{architecture}.deb")

    @property
    def checksums(self) -> str:
        """The list of hashes, in the form that `sha256sum --check` reads."""
        return os.path.join(self.dist, "SHA256SUMS")


def version_in(path: str) -> str:
    """The version that the package says of itself. Raises SetupError."""
    with open(path, encoding="utf-8") as file:
        found = re.search(r'^__version__ = "([^"]+)"', file.read(), re.MULTILINE)
    if found is None:
        raise SetupError(f"No version stands in {path}.")
    return found[1]


def build_checkout(root: str) -> Checkout:
    """The environment that a build is made from: what is shipped and PyInstaller, without the test tools."""
    return Checkout(root, environment=Layout(root).environment)


def packing_steps(checkout: Checkout, run: RunLogged) -> list[Step]:
    """What comes after the environment is there."""
    layout = Layout(checkout.root)

    def freeze(tick: Tick) -> None:
        freeze_program(layout, checkout, run, tick)

    def archive(_tick: Tick) -> None:
        pack_archive(layout)

    def debian(tick: Tick) -> None:
        pack_debian(layout, checkout, run, tick)

    def checksums(_tick: Tick) -> None:
        write_checksums(layout)

    steps = [
        Step("freeze", "Freezing the program", lambda: content_of(layout, checkout, layout.folder), freeze),
        Step("archive", "Packing the archive", lambda: content_of(layout, checkout, layout.archive), archive),
    ]
    if layout.system == "linux" and shutil.which("dpkg-deb"):
        made = Step("debian", "Packing for Debian", lambda: content_of(layout, checkout, layout.debian), debian)
        steps.append(made)
    steps.append(Step("checksums", "Hashing", lambda: content_of(layout, checkout, layout.checksums), checksums))
    return steps


def content_of(layout: Layout, checkout: Checkout, result: str) -> str:
    """What the build is made from, as one hash; where the result is gone, nothing that a stamp could say."""
    if not os.path.exists(result):
        return "missing"
    files = [os.path.join(checkout.requirements, f"{name}.txt") for name in _REQUIREMENTS]
    for source in (*_SOURCES, *_RULES, "packaging/linux", "packaging/frozen_build.py", "packaging/debian_package.py"):
        files += source_files(os.path.join(layout.root, *source.split("/")))
    total = hashlib.sha256()
    for path in files:
        total.update(f"{os.path.relpath(path, layout.root)} {hash_of(path)}\n".encode())
    return total.hexdigest()


def source_files(path: str) -> Iterator[str]:
    """All files below, in the order of their names, without what Python compiled."""
    if os.path.isfile(path):
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (os.path.join(folder, name) for name in sorted(names))


def hash_of(path: str) -> str:
    """The sha256 of a file's bytes."""
    total = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_READ_AT_ONCE):
            total.update(block)
    return total.hexdigest()


def freeze_program(layout: Layout, checkout: Checkout, run: RunLogged, tick: Tick) -> None:
    """Draw the icons and let PyInstaller gather the folder. Raises SetupError."""
    gpu = os.path.join(checkout.site_packages(), "torch", "lib", "libtorch_cuda.so")
    if os.path.exists(gpu):
        raise SetupError("PyTorch came with gigabytes for graphics cards; its index of CPU builds did not answer.")
    log = checkout.log("freeze")
    shutil.rmtree(layout.folder, ignore_errors=True)
    draw = [checkout.python, os.path.join(_HERE, "app_icons.py"), layout.icons]
    if run(draw, log, tick) != 0:
        raise SetupError(f"The icons could not be drawn.\n{last_lines(log)}")
    # The same names in the same order give the same archive of modules.
    os.environ.update(PYTHONHASHSEED="0", SOURCE_DATE_EPOCH=str(source_date(layout.root)))
    work = os.path.join(layout.work, "pyinstaller")
    recipe = os.path.join(_HERE, "frozen", "inkwell.spec")
    command = [
        checkout.python,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--distpath",
        layout.dist,
        "--workpath",
        work,
        recipe,
    ]
    if run(command, log, tick) != 0:
        raise SetupError(f"PyInstaller failed. The whole output: {log}\n{last_lines(log)}")


def source_date(root: str) -> int:
    """The time of the newest commit, in seconds; that of the changelog where there is no git. All files of a package
    bear it, so that the same sources give the same package."""
    try:
        command = ["git", "-C", root, "log", "-1", "--format=%ct"]
        return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return int(os.path.getmtime(os.path.join(root, "CHANGELOG.md")))


def pack_archive(layout: Layout) -> None:
    """Pack the folder and, on Linux, what a menu needs beside it."""
    partial = layout.archive + ".partial"
    extra: list[tuple[str, str]] = []
    if layout.system == "linux":
        share = os.path.join(layout.work, "share")
        shutil.rmtree(share, ignore_errors=True)
        debian_package.write_menu_files(share, layout.icons, layout.root, layout.version, source_date(layout.root))
        extra = [(share, "share"), (os.path.join(_HERE, "linux", "add-to-menu.sh"), "add-to-menu.sh")]
    inside = f"{layout.name}/Inkwell.app" if layout.system == "macos" else layout.name
    entries = [(layout.folder, inside), *((path, f"{layout.name}/{name}") for path, name in extra)]
    pack = pack_zip if layout.archive.endswith(".zip") else pack_tar
    pack(partial, entries, source_date(layout.root))
    os.replace(partial, layout.archive)


def pack_tar(path: str, entries: Sequence[tuple[str, str]], date: int) -> None:
    """A .tar.gz of folders and files under their new names: in order, all of one time and of no person."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = date
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        open(path, "wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=date) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for source, name in entries:
            archive.add(source, name, filter=plain)  # folders in the order of their names


def pack_zip(path: str, entries: Sequence[tuple[str, str]], date: int) -> None:
    """The same as a .zip, for Windows."""
    import time

    when = time.gmtime(max(date, 315_532_800))[:6]  # a zip knows no time before 1980
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for source, name in entries:
            for each in source_files(source):
                inner = os.path.relpath(each, source).replace(os.sep, "/")
                member = zipfile.ZipInfo(name if inner == "." else f"{name}/{inner}", when)
                member.compress_type = zipfile.ZIP_DEFLATED
                with open(each, "rb") as read, archive.open(member, "w") as written:
                    shutil.copyfileobj(read, written, _READ_AT_ONCE)


def pack_debian(layout: Layout, checkout: Checkout, run: RunLogged, tick: Tick) -> None:
    """Lay the tree out, of links to the frozen folder's files, and have dpkg-deb pack it. Raises SetupError."""
    tree = os.path.join(layout.work, "debian")
    shutil.rmtree(tree, ignore_errors=True)
    debian_package.lay_out(
        tree, layout.folder, layout.icons, layout.root, layout.version, layout.machine, source_date(layout.root)
    )
    log = checkout.log("debian")
    os.environ["SOURCE_DATE_EPOCH"] = str(source_date(layout.root))
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", tree, layout.debian]
    if run(command, log, tick) != 0:
        raise SetupError(f"The Debian package could not be packed.\n{last_lines(log)}")
    shutil.rmtree(tree)


def write_checksums(layout: Layout) -> None:
    """Write the sha256 of each package that lies in dist/."""
    made = [path for path in (layout.archive, layout.debian) if os.path.exists(path)]
    lines = [f"{hash_of(path)}  {os.path.basename(path)}\n" for path in made]
    with open(layout.checksums, "w", encoding="ascii", newline="\n") as file:
        file.writelines(lines)


def summary(layout: Layout, size_of: Callable[[str], int] = os.path.getsize) -> str:
    """What lies in dist/ now, with sizes."""
    made = [path for path in (layout.archive, layout.debian) if os.path.exists(path)]
    lines = [f"  {os.path.relpath(path, layout.root)}  {size_of(path) / 1e6:.0f} MB" for path in made]
    return "\n".join([f"In {os.path.relpath(layout.dist, layout.root)}:", *lines])
