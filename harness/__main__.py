"""The command line: `python -m harness`, which nox's sessions call."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from harness import dependencies, frontend, operate, paths, targets
from harness.errors import HarnessError
from harness.local_files import LocalFiles
from harness.outputs import load_outputs
from harness.package import package
from harness.progress import Progress
from harness.up import Options, bring_up, take_down
from parley_client.__main__ import main as chat_in_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.outputs import Outputs

_EXAMPLES = """\
examples:
  python -m harness up                          the embedded AWS, the stack, demo users, logs until Ctrl-C
  python -m harness up --detach --port 4600     back when ready, on another port
  python -m harness chat --as alice             chat in this terminal
  python -m harness down --clean                stop, and forget all data
  python -m harness package --platform aws      what production deploys: build/aws/
  python -m harness deploy --env staging        to AWS: shows what would change, and asks
  python -m harness drift --env staging         what was changed behind CloudFormation's back
  python -m harness destroy --env staging       deletes it, and says what stays by design
  python -m harness restore --env prod --table Messages --from restored-messages
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 with one clear sentence, or 130 where it was interrupted."""
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace, Progress], int | None] = parsed.command
    # What ends a terminal's session or a CI job is a Ctrl-C to us: everything started here is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return command(parsed, Progress()) or 0
    except HarnessError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except (BotoCoreError, ClientError) as fault:
        sys.stderr.write(f"AWS refuses, or does not answer: {fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130


def _up(parsed: argparse.Namespace, progress: Progress) -> None:
    target = targets.target_named(parsed.target, endpoint_url=parsed.endpoint_url, port=parsed.port)
    if not target.is_local:
        raise HarnessError("`up` is for local targets; `nox -s deploy -- --env staging` deploys to AWS.")
    files = LocalFiles(parsed.directory)
    started_elsewhere = parsed.endpoint_url is not None
    can_reload = target.name == "embedded" and not started_elsewhere
    live = paths.HANDLERS if can_reload and parsed.reload else None
    options = Options(
        target,
        started_elsewhere=started_elsewhere,
        clean=parsed.clean,
        detached=parsed.detach,
        live=live,
        files=files,
    )
    up = bring_up(options, progress)
    progress.say(_welcome(up.outputs, detached=parsed.detach, live=live))
    if parsed.detach:
        return
    try:
        up.follow(progress)
    except KeyboardInterrupt:
        progress.say("\nStopping; the data stay for the next time.")
    finally:
        up.stop()


def _welcome(outputs: Outputs, *, detached: bool, live: Path | None) -> str:
    reloads = f"The functions run from {paths.within_root(live)}/: a save is enough. " if live else ""
    return f"""
Parley is up.

  Web site         {outputs.web_url}
  WebSocket API    {outputs.web_socket_url}
  HTTP API         {outputs.http_api_url}
  AWS              {outputs.endpoint}

To chat, in two more terminals:

  nox -s chat -- --as alice
  nox -s chat -- --as bob

{reloads}{"`nox -s down` stops it." if detached else "Ctrl-C stops it. What the functions log follows."}
"""


def _down(parsed: argparse.Namespace, progress: Progress) -> None:
    stopped = take_down(LocalFiles(parsed.directory), clean=parsed.clean)
    progress.say("Parley is down." if stopped else "Parley was not up.")


def _chat(parsed: argparse.Namespace, _progress: Progress) -> int:
    files = LocalFiles(parsed.directory)
    if not files.outputs.exists():
        raise HarnessError("Parley is not up: `nox -s up` brings it up.")
    asked = ["--as", parsed.username, "--outputs", str(files.outputs), "--users", str(files.demo_users)]
    return chat_in_terminal([*asked, "--with", parsed.wanted])


def _package(parsed: argparse.Namespace, progress: Progress) -> None:
    bundle = package(dependencies.PLATFORMS[parsed.platform], parsed.output)
    progress.say(
        f"{paths.within_root(bundle.folder)} holds the templates and the functions for {parsed.platform}."
    )
    if bundle.lacking:
        progress.say(bundle.lacking)


def _frontend(parsed: argparse.Namespace, progress: Progress) -> None:
    outputs = load_outputs(LocalFiles(parsed.directory).outputs)
    with frontend.development_server(outputs, parsed.port) as server:
        progress.say("Sign in as a demo user: their passwords are in .localcloud/. Ctrl-C stops it.")
        server.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m harness",
        description="Packages, deploys and drives Parley's stack.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(required=True, metavar="command")
    _add_up(subparsers.add_parser("up", help="bring Parley up on a local target"))
    _add_down(subparsers.add_parser("down", help="stop what `up --detach` left running"))
    _add_package(subparsers.add_parser("package", help="build what ships, reproducibly"))
    _add_chat(subparsers.add_parser("chat", help="chat in this terminal as a demo user"))
    operate.add_commands(subparsers)
    _add_frontend(
        subparsers.add_parser(
            "frontend", help="serve the web client from its sources, for a stack that is up"
        )
    )
    return parser


def _add_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=targets.DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--detach", action="store_true", help="return when it is ready, and leave it running")
    parser.add_argument("--clean", action="store_true", help="forget the data of earlier runs first")
    parser.add_argument(
        "--no-reload",
        dest="reload",
        action="store_false",
        help="run the packaged functions; else (embedded) they run from handlers/, and a save is enough",
    )
    parser.add_argument(
        "--target", choices=("embedded", "localstack"), default="embedded", help="default: %(default)s"
    )
    parser.add_argument("--endpoint-url", help="deploy to what answers here instead of starting anything")
    _add_directory(parser)
    parser.set_defaults(command=_up)


def _add_down(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clean", action="store_true", help="forget the data as well")
    _add_directory(parser)
    parser.set_defaults(command=_down)


def _add_directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--directory", type=Path, default=paths.LOCAL, help="where data and log are (default: .localcloud)"
    )


def _add_chat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="username", required=True, metavar="NAME", help="alice or bob")
    parser.add_argument("--with", dest="wanted", default="", metavar="NAME", help="whom to talk with")
    _add_directory(parser)
    parser.set_defaults(command=_chat)


def _add_package(parser: argparse.ArgumentParser) -> None:
    names = sorted(dependencies.PLATFORMS)
    parser.add_argument(
        "--platform", choices=names, default="aws", help="what will run the functions (default: %(default)s)"
    )
    parser.add_argument("--output", type=Path, help="the bundle's folder (default: build/<platform>)")
    parser.set_defaults(command=_package)


def _add_frontend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=5173, help="default: %(default)s")
    _add_directory(parser)
    parser.set_defaults(command=_frontend)


if __name__ == "__main__":
    sys.exit(main())
