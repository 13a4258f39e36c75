"""Resources and resource templates of the conformance server."""

import base64
import json

from story import Check, Driver
from story.expecting import equal, named, not_found, refused


async def lists_resources(client: Driver) -> None:
    resources = await client.list_resources()
    uris = sorted(str(resource.uri) for resource in resources)
    equal(uris, ["test://static-binary", "test://static-text", "test://watched-resource"])
    equal(named(resources, "static-binary").mime_type, "image/png")


async def lists_resource_templates(client: Driver) -> None:
    template = named(await client.list_templates(), "template-data")
    equal((template.uri_template, template.mime_type), ("test://template/{id}/data", "application/json"))


async def reads_a_text(client: Driver) -> None:
    (contents,) = await client.read_resource("test://static-text")
    equal((str(contents.uri), contents.mime_type), ("test://static-text", "text/plain"))
    equal(contents.text, "This is the content of the static text resource.")


async def reads_bytes(client: Driver) -> None:
    (contents,) = await client.read_resource("test://static-binary")
    equal(contents.mime_type, "image/png")
    equal(base64.b64decode(contents.blob)[1:4], b"PNG")


async def reads_what_a_template_leads_to(client: Driver) -> None:
    (contents,) = await client.read_resource("test://template/a-17/data")
    equal(str(contents.uri), "test://template/a-17/data")
    equal(json.loads(contents.text)["id"], "a-17")


async def gets_a_protocol_error_for_an_unknown_resource(client: Driver) -> None:
    for uri in ["test://no-such-resource", "other://no-such-scheme"]:
        await refused(client.read_resource(uri), not_found(client.revision), "unknown resource")


CHECKS: list[Check] = [
    lists_resources,
    lists_resource_templates,
    reads_a_text,
    reads_bytes,
    reads_what_a_template_leads_to,
    gets_a_protocol_error_for_an_unknown_resource,
]
