"""Tools and prompts of the conformance server that ask in the middle of a call."""

import time
from typing import Any

from mcp_types import ElicitResult

from story import MODERN, Check, Driver
from story.expecting import equal, holds, named, text

# The longest time of a call whose question the client cannot answer: nothing may wait for an answer.
AT_ONCE_SECONDS = 60


async def answers_a_form(client: Driver) -> None:
    def form(message: str, schema: dict[str, Any]) -> ElicitResult:
        equal((message, schema["required"]), ("What is your name?", ["name"]))
        return accept(name="Alice")

    client.user.form = form
    equal(text(await client.call_tool(asking_name("elicitation"), {})), "Hello, Alice!")


async def declines_a_form(client: Driver) -> None:
    client.user.form = lambda *_: ElicitResult(action="decline")
    equal(text(await client.call_tool("test_streaming_elicitation", {})), "action=decline")


async def cancels_a_form(client: Driver) -> None:
    client.user.form = lambda *_: ElicitResult(action="cancel")
    equal(text(await client.call_tool("test_streaming_elicitation", {})), "action=cancel")


async def answers_a_form_with_a_field_of_each_kind(client: Driver) -> None:
    values = {"name": "Zoë", "age": 7, "score": 0.5, "status": "pending", "verified": False}

    def form(_: str, schema: dict[str, Any]) -> ElicitResult:
        defaults = [field["default"] for field in schema["properties"].values()]
        equal(defaults, ["John Doe", 30, 95.5, "active", True])
        return accept(**values)

    client.user.form = form
    said = text(await client.call_tool("test_elicitation_sep1034_defaults", {}))
    for part in ["name: Zoë", "age: 7", "score: 0.5", "status: pending", "verified: false"]:
        holds(part in said, said)


async def answers_a_form_with_choices(client: Driver) -> None:
    client.user.form = lambda *_: accept(titledSingle="value2", untitledMulti=["option1", "option3"])
    said = text(await client.call_tool("test_elicitation_sep1330_enums", {}))
    for part in ["titledSingle: value2", "untitledMulti: option1 and option3"]:
        holds(part in said, said)


async def answers_one_form_after_another(client: Driver) -> None:
    answers = iter([accept(name="Alice"), accept(color="green")])
    client.user.form = lambda *_: next(answers)
    equal(text(await client.call_tool(asking_name("multi_round"), {})), "Alice likes green.")


async def brings_the_state_back(client: Driver) -> None:
    client.user.form = lambda *_: accept(ok=True)
    equal(text(await client.call_tool(asking_name("request_state"), {})), "state-ok")


async def samples(client: Driver) -> None:
    result = await client.call_tool("test_sampling", {"prompt": "Why?"})
    equal(text(result), "LLM response: You asked: Why?")


async def lists_its_roots(client: Driver) -> None:
    equal(text(await client.call_tool(asking_name("list_roots"), {})), "Roots: file:///work")


async def answers_several_questions_at_once(client: Driver) -> None:
    client.user.form = lambda *_: accept(name="Alice")
    said = text(await client.call_tool(asking_name("multiple_inputs"), {}))
    equal(said, "Hello, Alice!\nYou asked: Generate a greeting\nRoots: file:///work")


async def answers_a_prompt_that_asks(client: Driver) -> None:
    client.user.form = lambda *_: accept(context="rain")
    (message,) = (await client.get_prompt(asking_name("prompt"))).messages
    equal(message.content.text, "Use this context: rain")


async def is_told_at_once_that_a_question_takes_a_newer_client(client: Driver) -> None:
    started = time.monotonic()
    for what in ["elicitation", "sampling", "list_roots", "multi_round"]:
        result = await client.call_tool(asking_name(what), {})
        holds(result.is_error and f"use a client of MCP revision {MODERN}" in result.content[0].text, result)
    holds(time.monotonic() - started < AT_ONCE_SECONDS, "something waited")
    equal(client.user.asked, 0)


async def calls_a_tool_that_asks_only_whom_it_can(client: Driver) -> None:
    equal(text(await client.call_tool("test_streaming_elicitation", {})), "This client cannot be asked.")


async def sees_the_tools_that_ask_all_the_same(client: Driver) -> None:
    named(await client.list_tools(), asking_name("elicitation"))


def asking_name(what: str) -> str:
    return f"test_input_required_result_{what}"


def accept(**content: Any) -> ElicitResult:
    return ElicitResult(action="accept", content=content)


ANSWERED: list[Check] = [
    answers_a_form,
    declines_a_form,
    cancels_a_form,
    answers_a_form_with_a_field_of_each_kind,
    answers_a_form_with_choices,
    answers_one_form_after_another,
    brings_the_state_back,
    samples,
    lists_its_roots,
    answers_several_questions_at_once,
    answers_a_prompt_that_asks,
]

UNANSWERABLE: list[Check] = [
    is_told_at_once_that_a_question_takes_a_newer_client,
    calls_a_tool_that_asks_only_whom_it_can,
    sees_the_tools_that_ask_all_the_same,
]
