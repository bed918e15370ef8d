"""Licences of the libraries that a build takes from the computer it is made on, and not from a package of PyPI.

PyInstaller gathers what Python and the wheels are linked against: OpenSSL, zlib, the C++ library. On Debian and its kin
each belongs to a package that says in one file under which licences it is. Only the standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence

LIST = "SYSTEM_LIBRARIES.md"

Entry = tuple[str, str, str]
OwnerOf = Callable[[str], str]
"""The Debian package that a file belongs to; empty for none."""


def debian_owner(path: str) -> str:
    """The package of a file, by dpkg's own records. Since /usr was merged they may know it by either name."""
    names = dict.fromkeys((path, os.path.realpath(path)))
    tried = [*names, *(name.removeprefix("/usr") for name in names if name.startswith("/usr/"))]
    if shutil.which("dpkg-query") is None:
        return ""
    for name in tried:
        found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.partition(": ")[0].partition(",")[0].partition(":")[0].strip()
    return ""


def of_the_system(binaries: Iterable[Entry], environments: Sequence[str]) -> list[tuple[str, str]]:
    """(name, path) of the libraries among PyInstaller's entries that lie in none of the environments; Python's own has
    Python's licence (`python_licence`).
    """
    roots = tuple(os.path.realpath(each) + os.sep for each in environments)
    return sorted(
        {
            (os.path.basename(destination), source)
            for destination, source, kind in binaries
            if kind == "BINARY"
            and os.path.isabs(source)
            and not os.path.realpath(source).startswith(roots)
            and not os.path.basename(source).startswith("libpython")
        }
    )


def write_system_licences(
    libraries: Iterable[tuple[str, str]],
    folder: str,
    owner_of: OwnerOf = debian_owner,
    documents: str = "/usr/share/doc",
) -> list[str]:
    """Write a list of the libraries and, for each package, its own file of licences into `folder`, which is made anew.
    Returns the libraries of which no licence was found.
    """
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    by_package: dict[str, list[str]] = {}
    unknown: list[str] = []
    for name, path in libraries:
        package = owner_of(path)
        licence = os.path.join(documents, package, "copyright")
        if not package or not os.path.isfile(licence):
            unknown.append(name)
            continue
        by_package.setdefault(package, []).append(name)
        shutil.copyfile(licence, os.path.join(folder, f"{package}.txt"))
    with open(os.path.join(folder, LIST), "w", encoding="utf-8", newline="\n") as file:
        file.write(_document(by_package, unknown))
    return unknown


def _document(by_package: dict[str, list[str]], unknown: Sequence[str]) -> str:
    rows = [
        f"| {package} | {', '.join(sorted(names))} | [text]({package}.txt) |"
        for package, names in sorted(by_package.items())
    ]
    lines = [
        "# Libraries of the system",
        "",
        "Taken into this build from the computer that it was made on.",
        "",
        "| package | libraries | licences |",
        "|---|---|---|",
        *rows,
    ]
    if unknown:
        lines += ["", f"Of no package there: {', '.join(sorted(unknown))}."]
    return "\n".join(lines) + "\n"


def python_licence(python: str = sys.base_prefix) -> str:
    """Python's own licence file; empty where the installation has none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = (
        os.path.join(python, "lib", version, "LICENSE.txt"),
        os.path.join(python, "LICENSE.txt"),
        os.path.join("/usr/share/doc", version, "copyright"),
    )
    return next((place for place in places if os.path.isfile(place)), "")
