"""Drives the official Python client for run.mjs: one command a line, one line of JSON for each.

    python with_mcp.py URL WAY CALLBACK DOCUMENT REGISTERED plain|named

`call TOOL ARGUMENTS` signs in if the server asks for it, and calls what the list has; `spoil` makes the client think that its token has expired.
"""

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

RENAMED = "x-amzn-remapped-www-authenticate"


class Memory:
    """Keeps tokens and what the authorization server knows of the client: a `TokenStorage`."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self.client = client
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Browser:
    """Follows the authorization server's page back to the client's own address."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.back = ""

    async def open(self, page: str) -> None:
        async with httpx2.AsyncClient(follow_redirects=False) as http:
            while not page.startswith(self.callback):
                response = await http.get(page)
                page = str(response.url.join(response.headers["location"]))
        self.back = page

    async def come_back(self) -> AuthorizationCodeResult:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.back).query).items()}
        return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


def provider(url: str, way: str, callback: str, document: str, registered: str) -> tuple[OAuthClientProvider, Memory]:
    about = OAuthClientMetadata(
        client_name="toolcell-tests",
        redirect_uris=[callback],
        grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="client_secret_basic" if way == "dynamic registration" else "none",
    )
    known = None
    if way == "registered beforehand":
        known = OAuthClientInformationFull(**json.loads(registered), redirect_uris=[callback], token_endpoint_auth_method="client_secret_basic")
    memory, browser = Memory(known), Browser(callback)
    metadata_url = document if way == "client metadata document" else None
    signed = OAuthClientProvider(url, about, memory, browser.open, browser.come_back, metadata_url)
    return signed, memory


async def give_name_back(response: httpx2.Response) -> None:
    """Reads the challenge where AWS has put it."""
    if RENAMED in response.headers:
        response.headers["www-authenticate"] = response.headers[RENAMED]


async def call(url: str, auth: OAuthClientProvider, hooks: dict[str, Any], tool: str, arguments: dict[str, Any]) -> str:
    async with httpx2.AsyncClient(auth=auth, event_hooks=hooks, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            listed = await client.list_tools()
            if tool not in [each.name for each in listed.tools]:
                raise LookupError(f"the list has no tool {tool}")
            result = await client.call_tool(tool, arguments)
            return result.content[0].text


def causes(error: BaseException) -> list[str]:
    """Takes the errors out of the groups of task groups."""
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else []
    return [text for each in inner for text in causes(each)] or [repr(error)]


async def main(url: str, way: str, callback: str, document: str, registered: str, naming: str) -> None:
    auth, memory = provider(url, way, callback, document, registered)
    hooks = {"response": [give_name_back]} if naming == "named" else {}
    for line in sys.stdin:
        command, *words = line.rstrip("\n").split(" ", 2)
        if command == "spoil":
            # The client refreshes a token by the time that it knows, not by the answer of a server.
            auth.context.token_expiry_time = 1.0
            answer: dict[str, Any] = {}
        else:
            try:
                answer = {"text": await call(url, auth, hooks, words[0], json.loads(words[1]))}
            except Exception as error:
                answer = {"error": "; ".join(causes(error))}
        print(json.dumps(answer), flush=True)


asyncio.run(main(*sys.argv[1:]))
