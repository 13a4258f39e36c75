"""Prompts of the conformance server, and completion of their arguments."""

from mcp_types import PromptReference, ResourceTemplateReference

from story import Check, Driver
from story.expecting import INVALID_PARAMS, equal, named, refused

WITH_ARGUMENTS = "test_prompt_with_arguments"


async def lists_prompts_with_their_arguments(client: Driver) -> None:
    prompts = await client.list_prompts()
    named(prompts, "test_simple_prompt")
    parameters = named(prompts, WITH_ARGUMENTS).arguments
    equal([(parameter.name, parameter.required) for parameter in parameters], [("arg1", True), ("arg2", True)])


async def gets_a_prompt(client: Driver) -> None:
    (message,) = (await client.get_prompt("test_simple_prompt")).messages
    equal((message.role, message.content.text), ("user", "This is a simple prompt for testing."))


async def gets_a_prompt_with_arguments(client: Driver) -> None:
    (message,) = (await client.get_prompt(WITH_ARGUMENTS, {"arg1": "one", "arg2": "zwölf"})).messages
    equal(message.content.text, "Prompt with arguments: arg1='one', arg2='zwölf'")


async def gets_a_prompt_that_holds_a_resource(client: Driver) -> None:
    arguments = {"resourceUri": "test://example-resource"}
    messages = (await client.get_prompt("test_prompt_with_embedded_resource", arguments)).messages
    equal([message.content.type for message in messages], ["resource", "text"])
    equal(str(messages[0].content.resource.uri), "test://example-resource")


async def gets_a_prompt_that_holds_an_image(client: Driver) -> None:
    messages = (await client.get_prompt("test_prompt_with_image")).messages
    equal([message.content.type for message in messages], ["image", "text"])


async def gets_a_protocol_error_for_an_unknown_prompt(client: Driver) -> None:
    await refused(client.get_prompt("no_such_prompt"), INVALID_PARAMS, "unknown prompt")


async def gets_a_protocol_error_for_a_prompt_without_its_arguments(client: Driver) -> None:
    await refused(client.get_prompt(WITH_ARGUMENTS, {"arg1": "one"}), INVALID_PARAMS, "arg2")


async def completes_an_argument(client: Driver) -> None:
    prompt = PromptReference(type="ref/prompt", name=WITH_ARGUMENTS)
    proposals = await client.complete(prompt, {"name": "arg1", "value": "par"})
    equal((proposals.values, proposals.total), (["paris", "park", "party"], 3))
    equal((await client.complete(prompt, {"name": "arg1", "value": "q"})).values, [])


async def is_proposed_nothing_for_an_unknown_prompt(client: Driver) -> None:
    # The plugin may have more prompts than it lists, so the server asks it.
    prompt = PromptReference(type="ref/prompt", name="no_such_prompt")
    equal((await client.complete(prompt, {"name": "arg1", "value": "par"})).values, [])


async def gets_a_protocol_error_for_completing_an_unknown_template(client: Driver) -> None:
    template = ResourceTemplateReference(type="ref/resource", uri="other://{id}")
    request = client.complete(template, {"name": "id", "value": "1"})
    await refused(request, INVALID_PARAMS, "unknown resource")


CHECKS: list[Check] = [
    lists_prompts_with_their_arguments,
    gets_a_prompt,
    gets_a_prompt_with_arguments,
    gets_a_prompt_that_holds_a_resource,
    gets_a_prompt_that_holds_an_image,
    gets_a_protocol_error_for_an_unknown_prompt,
    gets_a_protocol_error_for_a_prompt_without_its_arguments,
    completes_an_argument,
    is_proposed_nothing_for_an_unknown_prompt,
    gets_a_protocol_error_for_completing_an_unknown_template,
]
