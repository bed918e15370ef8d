"""What the operating system must bring: Python's `venv`, Qt's libraries on Linux, and a C++ compiler for llama.cpp."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Library that Qt loads -> Debian package that has it (`objdump -p` of the PySide6 wheel names the libraries).
ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}
FOR_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FOR_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
COMPILERS = ("c++", "g++", "clang++", "cl")


def wanted_libraries(environ: Mapping[str, str]) -> dict[str, str]:
    """Libraries Qt needs here, with the package of each: always some, more where there is a screen to draw on."""
    wanted = dict(ALWAYS)
    if environ.get("DISPLAY"):
        wanted.update(FOR_X11)
    if environ.get("WAYLAND_DISPLAY"):
        wanted.update(FOR_WAYLAND)
    return wanted


def can_load(library: str) -> bool:
    """True where the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_venv() -> bool:
    """True where this Python can make virtual environments; Debian packs what that needs separately."""
    importlib.invalidate_caches()  # they may have been installed a moment ago
    return all(importlib.util.find_spec(module) is not None for module in ("venv", "ensurepip"))


def has_apt() -> bool:
    """True on Debian and what descends from it, where the names of packages below are known."""
    return shutil.which("apt-get") is not None


def missing_libraries(environ: Mapping[str, str], loads: Callable[[str], bool] = can_load) -> dict[str, str]:
    """Libraries Qt needs that are missing, with the Debian package of each; empty on anything but Linux."""
    if not sys.platform.startswith("linux"):
        return {}
    return {library: package for library, package in wanted_libraries(environ).items() if not loads(library)}


def missing_packages(
    environ: Mapping[str, str], loads: Callable[[str], bool] = can_load, *, compiles: bool = True
) -> list[str]:
    """All Debian packages that the set-up misses, sorted, so that one command brings them; empty without apt-get.

    Args:
        compiles: whether llama.cpp is still to be compiled.
    """
    if not sys.platform.startswith("linux") or not has_apt():
        return []
    packages = set(missing_libraries(environ, loads).values())
    if not has_venv():
        packages.add(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if compiles and not has_compiler(environ):
        packages.add("g++")
    return sorted(packages)


def install_command(packages: Iterable[str]) -> str:
    """The one command a person can run to get them."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def may_install() -> bool:
    """True as root on a system with apt-get."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and has_apt()


@dataclass(frozen=True)
class SystemCommand:
    """A command that root runs: whether it may be cut off, and whether its failure matters."""

    words: list[str]
    may_be_cut_off: bool = True
    may_fail: bool = False


def apt_commands(packages: Iterable[str]) -> list[SystemCommand]:
    """What root runs to install packages.

    dpkg leaves a system that refuses every later installation when it is cut off. So it works only after all is
    fetched, and then to its end; where it was killed before, that is repaired first.
    """
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    patient = ["-o", "DPkg::Lock::Timeout=180"]  # a system that has just started may be updating itself
    install = [*quiet, "apt-get", *patient, "install", "-y", "--no-install-recommends", "--fix-broken"]
    return [
        SystemCommand([*quiet, "dpkg", "--configure", "-a"], may_be_cut_off=False, may_fail=True),
        SystemCommand(["apt-get", "update"]),
        SystemCommand([*install, "--download-only", *packages]),
        SystemCommand([*install, *packages], may_be_cut_off=False),
    ]


def has_compiler(environ: Mapping[str, str]) -> bool:
    """True where a C++ compiler is on the path, named by CXX, or came with Visual Studio, where CMake finds it."""
    names = (environ["CXX"],) if environ.get("CXX") else COMPILERS
    return any(shutil.which(name.split()[0]) for name in names) or has_visual_studio(environ)


def has_visual_studio(environ: Mapping[str, str]) -> bool:
    """True where Visual Studio or its Build Tools are installed with a C++ compiler; they put none on the path."""
    folder = environ.get("ProgramFiles(x86)", "")
    finder = os.path.join(folder, "Microsoft Visual Studio", "Installer", "vswhere.exe")
    if not folder or not os.path.isfile(finder):
        return False
    tools = [f"Microsoft.VisualStudio.Component.VC.Tools.{machine}" for machine in ("x86.x64", "ARM64")]
    words = [finder, "-products", "*", "-requires", *tools, "-requiresAny", "-property", "installationPath"]
    try:
        return bool(subprocess.run(words, capture_output=True, timeout=30, check=False).stdout.strip())
    except (OSError, subprocess.TimeoutExpired):
        return False


def compiler_advice() -> str:
    """How to get a C++ compiler on this system."""
    if sys.platform == "darwin":
        return "Install Apple's command line tools: xcode-select --install"
    if sys.platform == "win32":
        return "Install the Visual Studio Build Tools with the workload 'Desktop development with C++'."
    return "Install one, for example: sudo apt-get update && sudo apt-get install -y g++"


def has_nvidia_gpu() -> bool:
    """True where an NVIDIA driver answers, so that a GPU build of PyTorch is of use."""
    if os.path.exists("/proc/driver/nvidia/version"):
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        return subprocess.run([program, "-L"], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
