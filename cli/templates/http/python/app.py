"""Reads pages of one server. wit/world.wit is the contract of the tool."""

import asyncio

import poll_loop
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.tools import PageError_NoAnswer, PageError_Status
from wit_world.imports.types import Fields, OutgoingRequest, Scheme_Https

# The server. plugin.toml, toolcell.toml and the cases name it, too.
HOST = "example.com"


async def read(path: str) -> str:
    request = OutgoingRequest(Fields())  # GET, without headers
    request.set_scheme(Scheme_Https())
    request.set_authority(HOST)
    request.set_path_with_query(path)
    response = await poll_loop.send(request)
    if response.status() != 200:
        raise Err(PageError_Status(response.status()))
    stream = poll_loop.Stream(response.consume())
    parts = []
    while (part := await stream.next()) is not None:
        parts.append(part)
    return b"".join(parts).decode(errors="replace")


class Tools(exports.Tools):
    def read_page(self, path: str) -> str:
        loop = poll_loop.PollLoop()
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(read(path))
        except Err as error:
            if isinstance(error.value, PageError_Status):
                raise
            raise Err(PageError_NoAnswer()) from error  # an error of wasi:http
