"""Web Push: the RFCs' own example, what a push service is told, and what becomes of its answers."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from chat.adapters.web_push import EcKeyPairs, WebPush, encrypt, from_base64url, to_base64url
from chat.ports.notifications import NotSentError
from chat.push import PushServices, Subscription

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDERS_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg"
    "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVB"
    "St2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
CONTACT = "https://chat.example.com"
PRIVATE = EcKeyPairs().make()
TRUSTED = "https://fcm.googleapis.com,https://*.push.apple.com"


class Service(ThreadingHTTPServer):
    """A push service that answers with a status, and keeps what it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 201
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, headers, body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.send_header("Location", f"{self.server.origin}/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """Serve on a free port."""
    with Service() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def send(service: Service, trusted: str = "", p256dh: str = P256DH) -> bool:
    """Send a notification to a browser that is subscribed at the service."""
    push = WebPush(PushServices.parse(trusted or service.origin), CONTACT, lambda: PRIVATE)
    return push.send(Subscription(f"{service.origin}/send/1?x=%20", p256dh, AUTH), b"{}", "topic")


def test_example_of_rfc_8291_is_encrypted_as_it_stands_there() -> None:
    """Byte for byte (section 5)."""
    number = int.from_bytes(from_base64url(SENDERS_KEY), "big")
    key = ec.derive_private_key(number, ec.SECP256R1())
    subscription = Subscription("https://push.example.net/", P256DH, AUTH)
    text = b"When I grow up, I want to be a watermelon"
    assert to_base64url(encrypt(text, subscription, key, from_base64url(SALT))) == ENCRYPTED


def test_push_service_is_told_how_long_how_urgent_and_what_to_collapse_with(service: Service) -> None:
    """At the endpoint's own path and query."""
    assert send(service)
    ((path, headers, body),) = service.requests
    assert path == "/send/1?x=%20"
    told = {name: headers[name] for name in ("content-encoding", "ttl", "topic", "urgency")}
    assert told == {"content-encoding": "aes128gcm", "ttl": "86400", "topic": "topic", "urgency": "high"}
    assert len(body) == 86 + len(b"{}") + 1 + 16


def test_request_is_signed_by_the_key_whose_public_half_browsers_got(service: Service) -> None:
    """For this push service alone, and for hours only (RFC 8292)."""
    send(service)
    ((_, headers, _),) = service.requests
    token, key = (part.split("=", 1)[1] for part in headers["authorization"][len("vapid ") :].split(", "))
    public = EcKeyPairs().public_half(PRIVATE)
    assert key == public
    raw = urlsafe_b64decode(public + "=")
    verifier = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    claims = jwt.decode(token, verifier, algorithms=["ES256"], audience=service.origin)
    assert claims["sub"] == CONTACT


@pytest.mark.parametrize("status", [404, 410])
def test_subscription_that_the_push_service_does_not_know_is_gone(service: Service, status: int) -> None:
    """RFC 8030 has both."""
    service.status = status
    assert not send(service)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_answer_that_passes_is_a_notification_to_be_sent_later(service: Service, status: int) -> None:
    """The queue tries again."""
    service.status = status
    with pytest.raises(NotSentError):
        send(service)


@pytest.mark.parametrize("status", [302, 400, 413])
def test_refusal_for_good_is_logged_and_no_redirect_is_followed(
    service: Service, status: int, chat_log: list[logging.LogRecord]
) -> None:
    """To send it again would not help."""
    service.status = status
    assert send(service)
    assert [record.message for record in chat_log] == ["notification_refused"]
    assert len(service.requests) == 1


def test_push_service_that_cannot_be_reached_is_tried_later(service: Service) -> None:
    """As one that fails."""
    service.shutdown()
    service.server_close()
    with pytest.raises(NotSentError):
        send(service)


def test_endpoint_that_is_trusted_no_longer_is_gone_and_not_called(service: Service) -> None:
    """The list may have been shortened since the browser subscribed."""
    assert not send(service, TRUSTED)
    assert service.requests == []


def test_key_that_is_no_point_of_the_curve_is_gone_and_nothing_is_sent(service: Service) -> None:
    """Nothing could ever be encrypted with it."""
    assert not send(service, p256dh="B" + "A" * 86)
    assert service.requests == []


@pytest.mark.parametrize(
    ("endpoint", "trusted"),
    [
        ("https://fcm.googleapis.com/fcm/send/1", True),
        ("https://web.push.apple.com/1", True),
        ("https://push.apple.com/1", False),
        ("https://evilpush.apple.com/1", False),
        ("http://web.push.apple.com/1", False),
        ("http://fcm.googleapis.com/1", False),
        ("https://fcm.googleapis.com:444/1", False),
        ("https://web.push.apple.com:444/1", False),
        ("https://fcm.googleapis.com.evil.example/1", False),
        ("https://evil.example/.push.apple.com", False),
        ("https://127.0.0.1/1", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:9001/1", False),
    ],
)
def test_only_push_services_of_the_list_are_trusted(endpoint: str, trusted: bool) -> None:
    """By scheme, host and port: whatever else a user names is never called."""
    assert PushServices.parse(TRUSTED).have(endpoint) is trusted


@given(st.from_regex(r"https?://[a-z0-9.-]{1,30}(:[0-9]{1,5})?/[!-~]{0,20}", fullmatch=True))
def test_whatever_is_trusted_is_at_a_host_of_the_list(endpoint: str) -> None:
    """No spelling of an endpoint gets past."""
    host = endpoint.removeprefix("https://").partition("/")[0]
    if PushServices.parse(TRUSTED).have(endpoint):
        assert host == "fcm.googleapis.com" or host.endswith(".push.apple.com")
