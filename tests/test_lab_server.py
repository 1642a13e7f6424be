"""The Lab itself: a real server on a free port, its kernel connection, and Ctrl-C."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest
import websocket  # a dependency of jupyter_server

from coursekit import lab_server

# The command, with the option of the real socket printed when a kernel connects.
LAB = """
import socket
import sys
from coursekit import lab_server
from coursekit.cli import main
connect = lab_server.NoDelayConnection.connect
def spy(self):
    result = connect(self)
    stream = self.websocket_handler.ws_connection.stream
    option = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    print("TCP_NODELAY", int(bool(option)), flush=True)
    return result
lab_server.NoDelayConnection.connect = spy
sys.exit(main(sys.argv[1:]))
"""


def test_port_is_free_tells_taken_from_free():
    with socket.socket() as listener:
        listener.bind((lab_server.HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not lab_server.port_is_free(port)
    assert lab_server.port_is_free(port)


@pytest.fixture
def port_8888_taken():
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # then another program has it
            listener.bind((lab_server.HOST, 8888))
            listener.listen()
        yield


@pytest.fixture
def lab(tmp_path, port_8888_taken):
    """A running Lab: its process, its address and its token."""
    work = tmp_path / "my work"
    places = {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = [sys.executable, "-P", "-c", LAB, "lab", "--no-browser", "--dir", str(work)]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, **places},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            seen = []
            for line in process.stdout:
                seen.append(line)
                if found := re.search(r"(http://127\.0\.0\.1:\d+)/lab\S*token=(\w+)", line):
                    break
            else:
                pytest.fail("the Lab ended at once:\n" + "".join(seen))
            yield process, *found.groups()
        finally:
            process.kill()


def ask(address, token, path, method="GET"):
    request = urllib.request.Request(f"{address}/{path}", method=method)
    if token:
        request.add_header("Authorization", f"token {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as reply:
        return json.loads(reply.read())


def wait_for(address):
    """The Lab prints its address shortly before it listens."""
    host, port = address.removeprefix("http://").split(":")
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection((host, int(port)), timeout=30).close()
        except ConnectionRefusedError:
            assert time.monotonic() < end, f"nothing listens on {address}"
            time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a test cannot send Ctrl-C to one process on Windows")
def test_lab_needs_its_token_sends_without_delay_and_ends_on_ctrl_c_with_its_kernels(lab):
    process, address, token = lab
    assert not address.endswith(":8888")
    wait_for(address)
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        ask(address, None, "api/contents")
    refused.value.close()
    files = ask(address, token, "api/contents")["content"]
    assert "00_start_here.ipynb" in [file["name"] for file in files]

    kernel = ask(address, token, "api/kernels", method="POST")["id"]
    channels = f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels?token={token}"
    connection = websocket.create_connection(channels, timeout=30)
    assert process.stdout.readline() == "TCP_NODELAY 1\n"
    connection.close()

    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    _, alive = psutil.wait_procs(kernels, timeout=10)
    assert not alive
    rest = process.stdout.read()
    assert "y/[n]" not in rest and "Traceback" not in rest
