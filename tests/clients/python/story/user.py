"""Who answers what a server asks."""

from collections.abc import Callable
from typing import Any

from mcp_types import ElicitResult

Form = Callable[[str, dict[str, Any]], ElicitResult]


class User:
    """Answers forms by `form(message, schema)`, which the checks that ask replace."""

    def __init__(self) -> None:
        self.asked = 0
        self.form: Form = nobody

    def answer(self, message: str, schema: dict[str, Any]) -> ElicitResult:
        self.asked += 1
        return self.form(message, schema)

    def sample(self, messages: list[Any]) -> str:
        """What a model says that repeats what it was asked."""
        self.asked += 1
        content = messages[-1].content
        return f"You asked: {(content[0] if isinstance(content, list) else content).text}"


def nobody(message: str, _: dict[str, Any]) -> ElicitResult:
    raise AssertionError(f"nobody was to be asked: {message}")
