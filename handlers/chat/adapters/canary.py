"""The canary's users in Cognito, and the chat's public APIs as any client reaches them."""

from __future__ import annotations

import json
import secrets
import string
import time
from typing import TYPE_CHECKING, Any

import websocket
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 10
"""Seconds that the canary waits for an answer or a frame: who chats would have given up."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PASSWORD_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.!")


class CognitoChatters:
    """Serves `ports.Chatters`: users of the stack's own pool, each signed in with a new password."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - see sdk.cognito
        user_pool_id: str,
        client_id: str,
        http_api_url: str,
        web_socket_url: str,
    ) -> None:
        """Use the pool, its client, and the two APIs at these addresses."""
        self._client = client
        self._user_pool_id = user_pool_id
        self._client_id = client_id
        self._http_api_url = http_api_url
        self._web_socket_url = web_socket_url

    def sign_in(self, username: str) -> PublicApiChatter:
        """Sign one in, who is made where there is none."""
        self._make(username)
        password = _password()
        named = {"UserPoolId": self._user_pool_id, "Username": username}
        self._client.admin_set_user_password(**named, Password=password, Permanent=True)
        answer = self._client.admin_initiate_auth(
            UserPoolId=self._user_pool_id,
            ClientId=self._client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        token = answer["AuthenticationResult"]["AccessToken"]
        return PublicApiChatter(token, self._http_api_url, self._web_socket_url)

    def _make(self, username: str) -> None:
        try:
            self._client.admin_create_user(
                UserPoolId=self._user_pool_id,
                Username=username,
                UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
                MessageAction="SUPPRESS",
            )
        except self._client.exceptions.UsernameExistsException:
            return


class PublicApiChatter:
    """Serves `ports.Chatter`."""

    def __init__(self, token: str, http_api_url: str, web_socket_url: str) -> None:
        """Speak for whom the token was issued to."""
        self._token = token
        self._http_api_url = http_api_url
        self._web_socket_url = web_socket_url
        self._http = URLLib3Session(timeout=PATIENCE)
        self.user_id = str(self._ask("GET", "/users/me")["userId"])

    def open_chat(self, user_id: str) -> str:
        """Open the direct chat with another user; gives its id."""
        return str(self._ask("POST", "/chats", {"kind": "direct", "userId": user_id})["chatId"])

    def last_number(self, chat_id: str) -> int:
        """The number of the chat's last message; 0 where there is none."""
        newest = self._ask("GET", f"/chats/{chat_id}/messages?limit=1")["messages"]
        return int(newest[0]["seq"]) if newest else 0

    def connect(self) -> PublicSocket:
        """Get a ticket and open a WebSocket."""
        ticket = self._ask("POST", "/tickets")["ticket"]
        return PublicSocket(f"{self._web_socket_url}?ticket={ticket}")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body)
        request = AWSRequest(method, f"{self._http_api_url}{path}", headers, data)
        response = self._http.send(request.prepare())
        if response.status_code >= 400:  # noqa: PLR2004 - HTTP's classes of status
            raise OSError(f"{method} {path}: {response.status_code} {response.text}")
        answer: Mapping[str, Any] = json.loads(response.content)
        return answer


class PublicSocket:
    """Serves `ports.Socket`."""

    def __init__(self, url: str) -> None:
        """Open it. No page does, so it names no origin."""
        self._connection = websocket.create_connection(url, timeout=PATIENCE, suppress_origin=True)

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send a frame."""
        self._connection.send(json.dumps(frame))

    def receive(self, type_: str) -> Mapping[str, Any]:
        """Wait for the next frame of a type; TimeoutError when none has come in time."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frame: Mapping[str, Any] = json.loads(self._connection.recv())
            if frame.get("type") == type_:
                return frame
            if frame.get("type") == "error":
                raise OSError(f"The chat answers {frame.get('code')}.")
        raise TimeoutError(f"No {type_} has come in {PATIENCE} s.")

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def new_message_id() -> str:
    """A ULID: 48 bits of milliseconds and 80 random ones, in Crockford's base 32."""
    number = int(time.time() * 1_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _password() -> str:
    """A random one of the pool's policy."""
    letters = [secrets.choice(kind) for kind in _PASSWORD_KINDS]
    letters += [secrets.choice("".join(_PASSWORD_KINDS)) for _ in range(28)]
    return "".join(letters)
