"""A user who answers a server's questions."""

from collections.abc import Callable
from typing import Any

from mcp_types import ElicitResult

Form = Callable[[str, dict[str, Any]], ElicitResult]


class User:
    """Answers forms with `form(message, schema)`, which the checks replace."""

    def __init__(self) -> None:
        self.asked = 0
        self.form: Form = must_not_ask

    def answer(self, message: str, schema: dict[str, Any]) -> ElicitResult:
        self.asked += 1
        return self.form(message, schema)

    def sample(self, messages: list[Any]) -> str:
        """Answers as a model that repeats its prompt."""
        self.asked += 1
        content = messages[-1].content
        return f"You asked: {(content[0] if isinstance(content, list) else content).text}"


def must_not_ask(message: str, _: dict[str, Any]) -> ElicitResult:
    raise AssertionError(f"the user must not be asked: {message}")
