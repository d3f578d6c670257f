"""Invocations in real processes: what handlers see, what callers get, what is logged, what is left."""

from __future__ import annotations

import asyncio
import json
import os
import py_compile
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.functions.functions_fakes import (
    FakeControlPlane,
    execution_plane,
    is_running,
    package,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.functions import ExecutionPlane
    from localcloud.interfaces import Invocation

ECHO = """
import os
def handler(event, context):
    print("heard", event["text"])
    left = context.get_remaining_time_in_millis()
    return {"pid": os.getpid(), "arn": context.invoked_function_arn, "left": left}
"""
RAISE = """
def handler(event, context):
    raise ValueError("no such chat")
"""
EXIT = """
import os
def handler(event, context):
    print("leaving")
    os._exit(3)
"""
CHILD_AND_SLEEP = """
import subprocess, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "60"])
    print(child.pid)
    time.sleep(60)
"""
MEET = """
import os, pathlib, time
def handler(event, context):
    here = pathlib.Path(event["directory"])
    (here / str(os.getpid())).touch()
    while len(list(here.iterdir())) < event["count"]:
        time.sleep(0.002)
    return os.getpid()
"""


@pytest.fixture
def control_plane() -> FakeControlPlane:
    """What is deployed."""
    return FakeControlPlane()


@pytest.fixture
async def plane(control_plane: FakeControlPlane, tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over the control plane."""
    async with execution_plane(control_plane, tmp_path) as running:
        yield running


def bytecode(source: str, folder: Path) -> bytes:
    """What this Python makes of a source, to be loaded without a look at the source."""
    (folder / "source.py").write_text(source)
    py_compile.compile(
        str(folder / "source.py"),
        str(folder / "source.pyc"),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    return (folder / "source.pyc").read_bytes()


def value(invocation: Invocation) -> Any:
    """What the handler returned, or the error object."""
    return json.loads(invocation.payload)


async def test_invoke_twice_runs_warm_and_logs_as_lambda(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Two events run in one process; each has START, its output, END and REPORT; the first, its start."""
    control_plane.deploy("greet", ECHO, Timeout=7)
    first = await plane.invoke("greet", b'{"text":"one"}')
    second = await plane.invoke(value(first)["arn"], b'{"text":"two"}')
    assert (first.function_error, second.function_error) == (None, None)
    assert value(first)["pid"] == value(second)["pid"]
    assert 6000 < value(first)["left"] <= 7000
    await plane.close()
    lines = control_plane.lines("greet")
    for invocation, text, own in [(first, "one", lines[:4]), (second, "two", lines[4:])]:
        assert own[:3] == [
            f"START RequestId: {invocation.request_id} Version: $LATEST",
            f"heard {text}",
            f"END RequestId: {invocation.request_id}",
        ]
        assert own[3].startswith(f"REPORT RequestId: {invocation.request_id}\tDuration: ")
        assert invocation.log_tail.splitlines() == own
    assert "Init Duration" in lines[3]
    assert "Init Duration" not in lines[7]
    assert len({stream for _group, stream, _timestamp, _text in control_plane.logged}) == 1


async def test_invoke_starts_no_thread_for_a_poll(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """AWS's runtime client starts one for every event unless told that its transport needs none."""
    code = "import sys\ndef handler(event, context):\n    return 'concurrent.futures.thread' in sys.modules"
    control_plane.deploy("threads", code)
    assert value(await plane.invoke("threads", b"{}")) is False


async def test_invoke_environment_has_nothing_of_the_servers(
    plane: ExecutionPlane, control_plane: FakeControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the server's variables nor its packages reach a function; boto3 and the function's own do."""
    monkeypatch.setenv("SERVERS_SECRET", "hidden")
    control_plane.deploy(
        "look",
        "import importlib.util, os, sys\n"
        "def handler(event, context):\n"
        "    return {'variables': dict(os.environ), 'directory': os.getcwd(),\n"
        "            'found': [name for name in event if importlib.util.find_spec(name)]}",
        Environment={"Variables": {"TABLE": "Chats"}},
    )
    seen = value(await plane.invoke("look", b'["boto3", "pytest", "ministack", "msgspec", "localcloud"]'))
    assert seen["found"] == ["boto3"]
    assert "SERVERS_SECRET" not in seen["variables"]
    assert seen["variables"]["TABLE"] == "Chats"
    assert seen["variables"]["AWS_ACCESS_KEY_ID"] == "AKIA-look"
    assert seen["directory"] == seen["variables"]["LAMBDA_TASK_ROOT"]


async def test_invoke_layers_are_found_and_the_last_one_wins(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Layers lie over each other in their order, and the function's own code lies over all."""
    control_plane.publish_layer("layer:a:1", {"python/one.py": "X='a'", "python/two.py": "X='a'"})
    control_plane.publish_layer("layer:b:1", {"python/two.py": "X='b'", "python/three.py": "X='b'"})
    code = package(
        {"main.py": "import one,two,three\ndef handler(e,c): return one.X+two.X+three.X", "three.py": "X='f'"}
    )
    control_plane.deploy("layered", code, Layers=[{"Arn": "layer:a:1"}, {"Arn": "layer:b:1"}])
    assert value(await plane.invoke("layered", b"{}")) == "abf"


async def test_invoke_bytecode_in_package_and_layer_is_what_runs(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    """That of other sources tells it from them; bytecode for another version of Python is as good as none."""
    tag, other = sys.implementation.cache_tag, "cpython-399"
    compiled = bytecode("X='compiled'", tmp_path)
    control_plane.publish_layer(
        "layer:a:1", {"python/one.py": "", f"python/__pycache__/one.{tag}.pyc": compiled}
    )
    code = package(
        {
            "main.py": "import one,two,three\ndef handler(e,c): return [one.X,two.X,three.X]",
            "two.py": "",
            f"__pycache__/two.{tag}.pyc": compiled,
            "three.py": "X='source'",
            f"__pycache__/three.{other}.pyc": compiled,
        }
    )
    control_plane.deploy("quick", code, Layers=[{"Arn": "layer:a:1"}])
    assert value(await plane.invoke("quick", b"{}")) == ["compiled", "compiled", "source"]


async def test_invoke_handler_raises_gives_aws_error_object(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """The error is in the result, and in the log as one event."""
    control_plane.deploy("fail", RAISE)
    invocation = await plane.invoke("fail", b"{}")
    assert invocation.function_error == "Unhandled"
    error = value(invocation)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such chat")
    assert error["requestId"] == invocation.request_id
    assert "line 3, in handler" in error["stackTrace"][0]
    assert "[ERROR] ValueError: no such chat\nTraceback" in invocation.log_tail


async def test_invoke_exit_is_a_function_error_and_the_next_starts_anew(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """A process that ends during an event takes only that event with it, and its last words are logged."""
    control_plane.deploy("exit", EXIT)
    for _ in range(2):
        invocation = await plane.invoke("exit", b"{}")
        assert invocation.function_error == "Unhandled"
        said = f"RequestId: {invocation.request_id} Error: Runtime exited with error: exit status 3"
        assert value(invocation) == {"errorType": "Runtime.ExitError", "errorMessage": said}
        assert "leaving\n" in invocation.log_tail


async def test_invoke_timeout_kills_the_process_and_its_children(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Over its timeout a function fails with AWS's words and nothing of it runs on."""
    control_plane.deploy("sleep", CHILD_AND_SLEEP, Timeout=0.25)
    invocation = await plane.invoke("sleep", b"{}")
    assert invocation.function_error == "Unhandled"
    assert value(invocation) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {invocation.request_id} Error: Task timed out after 0.25 seconds",
    }
    child = int(invocation.log_tail.splitlines()[1])
    await until(lambda: not is_running(child))
    assert invocation.log_tail.rstrip().endswith("Status: timeout")


async def test_invoke_broken_module_is_reported_until_it_is_mended(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """An initialization that fails is the invocation's error; the next invocation tries again."""
    control_plane.deploy("mend", "import nowhere")
    invocation = await plane.invoke("mend", b"{}")
    assert invocation.function_error == "Unhandled"
    assert value(invocation)["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'nowhere'" in value(invocation)["errorMessage"]
    control_plane.deploy("mend", "def handler(event, context): return 'mended'")
    assert value(await plane.invoke("mend", b"{}")) == "mended"


async def test_invoke_initialization_that_fails_is_tried_once_more(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    """The first event is served where the second attempt works, and the log has what failed first."""
    attempts = tmp_path / "attempts"
    control_plane.deploy(
        "retry",
        "import pathlib\n"
        f"attempts = pathlib.Path({str(attempts)!r})\n"
        "attempts.touch()\n"
        "attempts.write_text(attempts.read_text() + 'x')\n"
        "assert len(attempts.read_text()) > 1\n"
        "def handler(event, context): return 'served'\n",
    )
    invocation = await plane.invoke("retry", b"{}")
    assert value(invocation) == "served"
    assert attempts.read_text() == "xx"
    report = next(line for line in invocation.log_tail.splitlines() if line.startswith("INIT_REPORT"))
    assert report.endswith("Phase: init\tStatus: error\tError Type: AssertionError")


async def test_invoke_trace_is_the_callers_or_a_new_one(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """_X_AMZN_TRACE_ID is what X-Ray passes on: another root at every event, unless the caller has one."""
    control_plane.deploy("trace", "import os\ndef handler(e, c): return os.environ['_X_AMZN_TRACE_ID']")
    roots = [value(await plane.invoke("trace", b"{}")) for _ in range(2)]
    for root in roots:
        assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", root)
    assert roots[0] != roots[1]
    callers = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
    assert value(await plane.invoke("trace", b"{}", trace_id=callers)) == callers


async def test_invoke_json_log_format_is_json_throughout(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Lambda's own lines and the runtime's records are JSON; a record below the level is left out."""
    control_plane.deploy(
        "log",
        "import logging\n"
        "def handler(event, context):\n"
        "    logging.info('left out')\n"
        "    logging.warning('kept')\n",
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"},
    )
    invocation = await plane.invoke("log", b"{}")
    start, record, report = map(json.loads, invocation.log_tail.splitlines())
    assert (start["type"], start["record"]["requestId"]) == ("platform.start", invocation.request_id)
    assert (record["level"], record["message"]) == ("WARNING", "kept")
    assert record["requestId"] == invocation.request_id
    assert (report["type"], report["record"]["status"]) == ("platform.report", "success")


async def test_invoke_exit_while_initializing_is_a_function_error(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """A module that ends the process is told apart from one that cannot be imported."""
    control_plane.deploy("quit", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    invocation = await plane.invoke("quit", b"{}")
    assert value(invocation)["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


async def test_invoke_at_the_same_time_runs_in_processes_of_their_own(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    """Three events that wait for each other end, each in its own process."""
    control_plane.deploy("meet", MEET, Timeout=10)
    (tmp_path / "meeting").mkdir()
    event = json.dumps({"directory": str(tmp_path / "meeting"), "count": 3}).encode()
    invocations = await asyncio.gather(*(plane.invoke("meet", event) for _ in range(3)))
    assert len({value(invocation) for invocation in invocations}) == 3


async def test_invoke_deployment_during_an_event_lets_it_end(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    """An event that runs when new code comes is answered by the old code, the next one by the new."""
    control_plane.deploy("meet", MEET, Timeout=10)
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    running = asyncio.create_task(
        plane.invoke("meet", json.dumps({"directory": str(meeting), "count": 2}).encode())
    )
    await until(lambda: any(meeting.iterdir()))
    control_plane.deploy("meet", "def handler(event, context): return 'new'")
    assert value(await plane.invoke("meet", b"{}")) == "new"
    (meeting / "second").touch()
    old = value(await running)
    assert str(old) in {path.name for path in meeting.iterdir()}
    await until(lambda: not is_running(old))


async def test_invoke_megabytes_pass_both_ways(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Events and responses of up to 6 MB are whole."""
    control_plane.deploy("echo", "def handler(event, context): return event")
    payload = json.dumps("x" * 5_000_000).encode()
    assert (await plane.invoke("echo", payload)).payload == payload


async def test_invoke_event_over_six_megabytes_never_runs(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """An event that is too large is refused with AWS's error."""
    control_plane.deploy("echo", "def handler(event, context): return event")
    invocation = await plane.invoke("echo", json.dumps("x" * 7_000_000).encode())
    assert invocation.function_error == "Unhandled"
    assert value(invocation)["errorType"] == "RequestEntityTooLargeException"
    assert control_plane.lines("echo") == []


@pytest.mark.parametrize(
    ("code", "configuration", "said"),
    [
        (b"no zip", {}, "no readable zip"),
        (b"", {"Runtime": "java21"}, "only Python and Node functions run here"),
        (b"", {"Layers": [{"Arn": "layer:gone:1"}]}, "layer:gone:1"),
    ],
)
async def test_invoke_function_that_cannot_start_says_why(
    plane: ExecutionPlane,
    control_plane: FakeControlPlane,
    code: bytes,
    configuration: dict[str, Any],
    said: str,
) -> None:
    """What cannot run is the function's error, with a sentence that says what to mend."""
    control_plane.deploy("odd", code or package({"main.py": ""}), **configuration)
    invocation = await plane.invoke("odd", b"{}")
    assert invocation.function_error == "Unhandled"
    assert said in value(invocation)["errorMessage"]


async def test_invoke_unknown_function_raises_key_error(plane: ExecutionPlane) -> None:
    """There is nothing to run: the caller answers as its service does."""
    with pytest.raises(KeyError):
        await plane.invoke("nobody", b"{}")


async def test_close_leaves_no_process_and_no_scratch(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    """Closing the plane ends idle environments and clears what was theirs."""
    control_plane.deploy("greet", ECHO)
    pid = value(await plane.invoke("greet", b'{"text":"one"}'))["pid"]
    assert is_running(pid)
    await plane.close()
    assert not is_running(pid)
    with pytest.raises(RuntimeError, match="stopping"):
        await plane.invoke("greet", b'{"text":"two"}')
    assert list((tmp_path / "work" / "environments").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process's life to its parent's")
async def test_server_killed_leaves_no_process(tmp_path: Path) -> None:
    """Kill -9 of the server takes its environments along, even one that is in the middle of an event."""
    server = tmp_path / "server.py"
    server.write_text(
        "import asyncio, pathlib, sys\n"
        "from tests.localcloud.functions.functions_fakes import FakeControlPlane, RealClock\n"
        "from localcloud.functions import ExecutionPlane\n"
        "from localcloud.interfaces import NoFaults\n"
        "from localcloud.observations import Observations\n"
        "async def main():\n"
        "    control_plane = FakeControlPlane()\n"
        "    code = 'import os, time\\ndef handler(e, c): print(os.getpid(), flush=True); time.sleep(60)'\n"
        "    control_plane.deploy('sleep', code, Timeout=60)\n"
        "    work = pathlib.Path(sys.argv[1])\n"
        "    plane = ExecutionPlane(\n"
        "        control_plane, RealClock(), work, 'http://x', 1, Observations(), NoFaults()\n"
        "    )\n"
        "    control_plane.append_logs = lambda group, stream, events, function: [\n"
        "        print(text, flush=True) for _, text in events]\n"
        "    await plane.invoke('sleep', b'{}')\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(  # noqa: ASYNC220 - what it writes is waited for in a thread
        [sys.executable, server, tmp_path / "work"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert (await asyncio.to_thread(process.stdout.readline)).startswith("START")
        environment = int(await asyncio.to_thread(process.stdout.readline))
        assert is_running(environment)
        process.send_signal(signal.SIGKILL)
        await until(lambda: not is_running(environment))
