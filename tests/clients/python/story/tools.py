"""Tools of the conformance server: every kind of content, progress, headers and errors."""

import base64
import json

from story import Check, Driver
from story.expecting import INVALID_PARAMS, equal, holds, named, refused, text


async def negotiates_the_revision(client: Driver) -> None:
    equal(client.negotiated(), client.revision)


async def lists_tools_with_their_schemas(client: Driver) -> None:
    tools = await client.list_tools()
    for name in ["test_simple_text", "test_tool_with_progress", "test_input_required_result_elicitation"]:
        equal(named(tools, name).input_schema["type"], "object")
    equal(named(tools, "test_custom_header").input_schema["required"], ["value"])


async def calls_a_tool(client: Driver) -> None:
    result = await client.call_tool("test_simple_text", {})
    equal(text(result), "This is a simple text response for testing.")


async def receives_an_image(client: Driver) -> None:
    (block,) = (await client.call_tool("test_image_content", {})).content
    equal((block.type, block.mime_type), ("image", "image/png"))
    equal(base64.b64decode(block.data)[1:4], b"PNG")


async def receives_a_sound(client: Driver) -> None:
    (block,) = (await client.call_tool("test_audio_content", {})).content
    equal((block.type, block.mime_type), ("audio", "audio/wav"))
    equal(base64.b64decode(block.data)[:4], b"RIFF")


async def receives_several_blocks_in_their_order(client: Driver) -> None:
    blocks = (await client.call_tool("test_multiple_content_types", {})).content
    equal([block.type for block in blocks], ["text", "image", "resource"])
    equal(str(blocks[2].resource.uri), "test://mixed-content-resource")
    equal(json.loads(blocks[2].resource.text), {"test": "data", "value": 123})


async def hears_of_progress(client: Driver) -> None:
    heard = []

    async def listen(progress: float, total: float | None, _: str | None) -> None:
        heard.append((progress, total))

    result = await client.call_tool("test_tool_with_progress", {}, listen)
    equal(text(result), "Progress was reported.")
    equal(heard, [(0, 100), (50, 100), (100, 100)])


async def calls_a_tool_whose_argument_is_a_header_as_well(client: Driver) -> None:
    value = " Größe: 7 "
    equal(text(await client.call_tool("test_custom_header", {"value": value})), value)


async def is_told_of_a_tools_own_error(client: Driver) -> None:
    result = await client.call_tool("test_error_handling", {})
    holds(result.is_error, result)
    equal([block.text for block in result.content], ["This tool intentionally returns an error for testing"])


async def gets_a_protocol_error_for_an_unknown_tool(client: Driver) -> None:
    await refused(client.call_tool("no_such_tool", {}), INVALID_PARAMS, "unknown tool")


CHECKS: list[Check] = [
    negotiates_the_revision,
    lists_tools_with_their_schemas,
    calls_a_tool,
    receives_an_image,
    receives_a_sound,
    receives_several_blocks_in_their_order,
    hears_of_progress,
    calls_a_tool_whose_argument_is_a_header_as_well,
    is_told_of_a_tools_own_error,
    gets_a_protocol_error_for_an_unknown_tool,
]
