"""Renders template.yaml for given parameters as CloudFormation would, without an account.

SAM's own translator renders the template. This module then does what CloudFormation does first: it checks parameters
against their AllowedValues, AllowedPattern and range, evaluates `Rules`, decides conditions, and replaces `Fn::If` and
`Ref` of parameters. Values that only a deployment knows (ARNs, URLs) stay unchanged.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

import copy
import functools
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
REGION = "eu-central-1"

NO_VALUE = object()

# Silences the translator's warnings about its own metrics.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class Refused(Exception):
    """CloudFormation would refuse the stack, with these sentences."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Stack:
    """A stack with every condition decided."""

    resources: dict[str, Any]
    outputs: dict[str, Any]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Returns the properties of all resources of a type."""
        return [resource["Properties"] for resource in self.resources.values() if resource["Type"] == kind]

    def only(self, kind: str) -> dict[str, Any]:
        """Returns the properties of the one resource of a type."""
        (properties,) = self.of_type(kind)
        return properties


def stack(text: str | None = None, **parameters: str) -> Stack:
    """Renders the template (or another text) for parameters; raises Refused if CloudFormation would refuse."""
    source = copy.deepcopy(parsed(text or TEMPLATE.read_text()))
    values = check_parameters(source["Parameters"], parameters)
    check_rules(source.get("Rules", {}), values)
    source["Resources"]["ToolcellFunction"]["Properties"]["CodeUri"] = "s3://packages/toolcell.zip"
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    rendered = translator.translate(source, values)
    decided = Decided(rendered.get("Conditions", {}), values)
    return Stack(decided.present(rendered["Resources"]), decided.present(rendered["Outputs"]))


@functools.cache
def parsed(text: str) -> dict[str, Any]:
    """Parses a template."""
    return yaml_parse(text)


def check_parameters(declared: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """Returns every parameter's value; raises Refused for a value that its declaration does not allow."""
    values = {name: str(parameter["Default"]) for name, parameter in declared.items() if "Default" in parameter}
    values |= given
    sentences = [f"{name} is no parameter" for name in given if name not in declared]
    sentences += [f"{name} must have a value" for name in declared if name not in values]
    for name, parameter in declared.items():
        if name in values and not allowed(parameter, values[name]):
            sentences.append(f"{name}: {values[name]!r} is not allowed")
    if sentences:
        raise Refused(sentences)
    return values


def allowed(parameter: dict[str, Any], value: str) -> bool:
    """Reports whether a parameter's declaration allows a value."""
    if "AllowedValues" in parameter and value not in map(str, parameter["AllowedValues"]):
        return False
    if "AllowedPattern" in parameter and not re.fullmatch(parameter["AllowedPattern"], value):
        return False
    if parameter["Type"] == "Number":
        low, high = parameter.get("MinValue", float("-inf")), parameter.get("MaxValue", float("inf"))
        return low <= float(value) <= high
    return True


def check_rules(rules: dict[str, Any], values: dict[str, str]) -> None:
    """Raises Refused with the description of every assertion that does not hold."""
    decided = Decided({}, values)
    sentences = [
        assertion["AssertDescription"]
        for rule in rules.values()
        if "RuleCondition" not in rule or decided.truth(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not decided.truth(assertion["Assert"])
    ]
    if sentences:
        raise Refused(sentences)


@dataclass(frozen=True)
class Decided:
    """Evaluates intrinsic functions."""

    conditions: dict[str, Any]
    values: dict[str, str]

    def truth(self, expression: Any) -> bool:
        """Evaluates a condition."""
        ((function, argument),) = expression.items()
        match function:
            case "Condition":
                return self.truth(self.conditions[argument])
            case "Fn::Equals":
                left, right = (self.resolve(side) for side in argument)
                return str(left) == str(right)
            case "Fn::Not":
                return not self.truth(argument[0])
            case "Fn::And":
                return all(self.truth(part) for part in argument)
            case "Fn::Or":
                return any(self.truth(part) for part in argument)
        raise ValueError(f"{function} is not known here; add it to tests/sam/stack.py")

    def resolve(self, value: Any) -> Any:
        """Replaces Fn::If and Ref of parameters, and drops entries with AWS::NoValue."""
        match value:
            case {"Fn::If": [condition, yes, no]}:
                return self.resolve(yes if self.truth({"Condition": condition}) else no)
            case {"Ref": "AWS::NoValue"}:
                return NO_VALUE
            case {"Ref": name} if name in self.values:
                return self.values[name]
            case dict():
                resolved = {key: self.resolve(inner) for key, inner in value.items()}
                return {key: inner for key, inner in resolved.items() if inner is not NO_VALUE}
            case list():
                return [inner for inner in map(self.resolve, value) if inner is not NO_VALUE]
        return value

    def present(self, section: dict[str, Any]) -> dict[str, Any]:
        """Returns the entries of a section whose condition holds, resolved."""
        return {
            name: self.resolve(entry)
            for name, entry in section.items()
            if "Condition" not in entry or self.truth({"Condition": entry["Condition"]})
        }
