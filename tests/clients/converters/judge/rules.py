"""Restates rules that can be tried only with an account or a program that has a window. Each is marked as ours in the page.

The sources are public: OpenAI's guide to structured outputs, Google's reference of `Schema`, and VS Code's normaliser of
tool schemas (microsoft/vscode-copilot-chat, src/extension/tools/common/toolSchemaNormalizer.ts).
"""

import copy
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# What OpenAI's guide lists for strict schemas, and three keywords that its API ignores: it was tried with `default`
# (openai/openai-agents-python#4390) and, beside `items`, `prefixItems` (pydantic/pydantic-ai#7333); pydantic-ai sends
# `examples`, and takes out what is refused.
STRICT_KEYWORDS = {
    *("default", "prefixItems", "examples"),
    *("type", "enum", "const", "anyOf", "$ref", "$defs", "description", "title"),
    *("properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("pattern", "format", "minLength", "maxLength"),
}
# What VS Code deletes for models of the GPT-4 family.
GPT_4_DELETED = {
    *("minLength", "maxLength", "pattern", "default", "format", "minimum", "maximum", "multipleOf"),
    *("patternProperties", "unevaluatedProperties", "propertyNames", "minProperties", "maxProperties"),
    *("unevaluatedItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems"),
}
GPT_4_LONGEST_DESCRIPTION = 1024


def nodes(schema: Any, name: str = "parameters") -> Iterator[tuple[str, Schema]]:
    """Yields a schema and all schemas in it, each with its path."""
    if not isinstance(schema, dict):
        return
    yield name, schema
    for key, value in (schema.get("properties") or {}).items():
        yield from nodes(value, f"{name}.{key}")
    for keyword in ("items", "additionalProperties"):
        yield from nodes(schema.get(keyword), f"{name}.{keyword}")
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems", "any_of"):
        for index, value in enumerate(schema.get(keyword) or []):
            yield from nodes(value, f"{name}.{keyword}[{index}]")


def openai_strict(schema: Schema) -> str | None:
    """Says why OpenAI's API refuses a strict schema."""
    if schema.get("type") != "object" or "anyOf" in schema:
        return "schema must have type 'object' and not have 'anyOf' at the top level"
    for name, node in nodes(schema):
        if unknown := sorted(set(node) - STRICT_KEYWORDS):
            return f"{name}: '{unknown[0]}' is not permitted"
        if node.get("type") == "array" and not isinstance(node.get("items"), dict):
            return f"{name}: array schema missing items"
        if node.get("type") == "object":
            if node.get("additionalProperties") is not False:
                return f"{name}: 'additionalProperties' is required to be supplied and to be false"
            if set(node.get("required") or []) != set(node.get("properties") or {}):
                return f"{name}: 'required' is required to be supplied and to be an array including every key"
    return None


def google_schema(schema: Schema | None) -> str | None:
    """Says why Google's API refuses `parameters`, which are not JSON Schema but its own `Schema`."""
    for name, node in nodes(schema):
        if str(node.get("type")).upper() == "ARRAY" and not node.get("items"):
            return f"{name}.items: missing field."
    return None


def vs_code(tool: dict[str, Any]) -> dict[str, Any]:
    """Returns what VS Code sends for a model of the GPT-4 family. Raises what it throws."""
    parameters = copy.deepcopy(tool["parameters"])
    parameters.setdefault("properties", {})
    for name, node in nodes(parameters):
        if ".prefixItems" in name:
            continue  # VS Code does not look there
        if node.get("type") == "array" and not node.get("items"):
            raise ValueError("tool parameters array type must have items")
        node["description"] = node.get("description", "")[:GPT_4_LONGEST_DESCRIPTION]
        for key in GPT_4_DELETED & set(node):
            del node[key]
    return {**tool, "parameters": parameters}
