"""The echo API, deployed to localcloud and spoken to as its clients will: `pytest` here."""

from pathlib import Path

from websockets.sync.client import connect


def test_message_comes_back(localcloud):
    """What is sent returns, and the function has logged it."""
    outputs = localcloud.deploy(Path(__file__).with_name("template.yaml"), "echo")
    with connect(outputs["Url"]) as websocket:
        websocket.send("hello")
        assert websocket.recv(timeout=10) == "hello"
    localcloud.wait_for_log(outputs["Function"], "told hello")
