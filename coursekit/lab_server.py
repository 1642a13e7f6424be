"""JupyterLab as the course wants it: on this computer only, quick to answer, ended by Ctrl-C."""

import os
import signal
import socket
import sys
from pathlib import Path

import zmq
from jupyter_client.manager import KernelManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyterlab.labapp import LabApp

HOST = "127.0.0.1"


class NoDelayConnection(ZMQChannelsWebsocketConnection):
    """Sends each kernel message at once.

    Without TCP_NODELAY the system holds a small message back until the last one is acknowledged,
    about 40 ms later: half of the frames of a dragged slider.
    """

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def without_news(_, page_config: dict) -> dict:
    """Lab's settings less the plugin that asks on the first page whether it may fetch news.

    Its own option, news_url, empties the news and asks all the same.
    """
    disabled = page_config.get("disabledExtensions") or []
    page_config["disabledExtensions"] = [*disabled, "@jupyterlab/apputils-extension:announcements"]
    return page_config


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":  # there the option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def serve(folder: Path, first_page: str, port: int | None, open_browser: bool) -> None:
    """Run JupyterLab on `folder` until Ctrl-C; without a port take 8888 or the next free one."""
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # the kernel of this environment
    arguments = [
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.kernel_websocket_connection_class={__name__}.NoDelayConnection",
        f"--ServerApp.open_browser={open_browser}",
        f"--LabApp.default_url=/lab/tree/{first_page}",
        "--Application.log_level=ERROR",  # leaves the address to open, and real trouble
    ]
    if hasattr(KernelManager, "transport_encryption") and zmq.has("curve"):
        # newer kernels else warn in the terminal that others on this computer could listen
        arguments.append("--KernelManager.transport_encryption=auto")
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")  # containers; it still needs the token
    sys.path[:] = [entry for entry in sys.path if entry]  # '' would import the student's files
    server = LabApp.initialize_server(arguments)
    server.web_app.settings["page_config_hook"] = without_news

    def stop(*_):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second Ctrl-C does not wait
        print("Ending the Lab.", flush=True)
        server.stop(from_signal=True)

    # in place of Jupyter's question "Shut down this server (y/[n])?"; ends the kernels too
    signal.signal(signal.SIGINT, stop)
    server.start()
