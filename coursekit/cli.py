"""The `coursekit` command: `lab` opens the course, `doctor` says what is installed."""

import argparse
import importlib
import platform
import sys
from importlib import metadata
from pathlib import Path

from coursekit import __version__


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 0
    try:
        return lab(arguments) if arguments.command == "lab" else doctor(arguments.gpu)
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursekit", description="Optimization, live.")
    parser.add_argument("--version", action="version", version=f"coursekit {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    lab = commands.add_parser("lab", help="open the course in JupyterLab")
    lab.add_argument(
        "--dir",
        type=Path,
        default=Path("coursekit-course"),
        help="your working folder, made if absent (default: ./coursekit-course)",
    )
    lab.add_argument("--port", type=int, help="default: 8888, or the next free one")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    doctor = commands.add_parser("doctor", help="say what is installed and which backend is used")
    doctor.add_argument("--gpu", action="store_true", help="run the checks of the GPU path too")
    return parser


def lab(arguments: argparse.Namespace) -> int:
    """Lay the notebooks out and run JupyterLab on them until Ctrl-C."""
    from coursekit.student_folder import lay_out, shipped_notebooks

    try:
        from coursekit import lab_server
    except ModuleNotFoundError as error:
        package = (error.name or "jupyterlab").partition(".")[0]
        return _fail(
            f"{package} is not installed. Install it: {sys.executable} -m pip install {package}"
        )
    if arguments.port is not None and not 1 <= arguments.port <= 65535:
        return _fail(f"--port must be 1 to 65535, not {arguments.port}.")
    if arguments.port is not None and not lab_server.port_is_free(arguments.port):
        return _fail(f"port {arguments.port} is in use. Choose another, or leave --port out.")
    folder = arguments.dir.expanduser().absolute()
    try:
        notebooks = shipped_notebooks()
        report = lay_out(folder, notebooks, __version__)
    except OSError as error:
        reason = error.strerror or str(error)
        return _fail(
            f"cannot write {error.filename or folder}: {reason}. Choose another folder with --dir."
        )
    print(f"Your notebooks: {folder}")
    for line in report.lines():
        print(f"  {line}")
    print("Ctrl-C ends the Lab.", flush=True)
    lab_server.serve(folder, notebooks[0].name, arguments.port, not arguments.no_browser)
    return 0


def doctor(gpu: bool = False) -> int:
    """Print the versions that a bug report needs, and the backend with its reason.

    With `gpu`, also run the tests of the GPU path and compare the speed of both backends.
    """
    print(f"coursekit {__version__}, Python {platform.python_version()} on {platform.platform()}")
    packages = ("numpy", "matplotlib", "ipywidgets", "ipykernel", "jupyterlab", "threadpoolctl")
    for name in (*packages, *(("cupy-cuda12x", "cupy-cuda13x") if gpu else ())):
        try:
            print(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            if not name.startswith("cupy"):
                print(f"{name} is not installed")
    backend = importlib.import_module("coursekit.backend")
    print(f"backend {backend.backend_name()}: {backend.describe()}")
    if gpu:
        from coursekit import gpu_report

        return gpu_report.run()
    return 0


def _fail(message: str) -> int:
    print(f"coursekit: {message}", file=sys.stderr)
    return 1
