"""Lists the libraries whose converters are tried: what they are, how they run, and what they send."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pins import TESTS, npm_version, pypi_version

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """A library in one way to use it.

    `strict` means that the tools are asked to be strict. A library without a script is judged by rules of our own.
    """

    id: str
    title: str
    package: str
    script: str | None
    way: str
    strict: bool = False


LIBRARIES = [
    Library("openai-agents-js", "OpenAI Agents", "@openai/agents", "node/openai_agents.mjs", "strict schemas", True),
    Library("ai-sdk-openai", "AI SDK, OpenAI", "@ai-sdk/openai", "node/ai_sdk.mjs", "`ai`, `@ai-sdk/mcp`"),
    Library("ai-sdk-anthropic", "AI SDK, Anthropic", "@ai-sdk/anthropic", "node/ai_sdk.mjs", "`ai`, `@ai-sdk/mcp`"),
    Library("ai-sdk-google", "AI SDK, Google", "@ai-sdk/google", "node/ai_sdk.mjs", "`ai`, `@ai-sdk/mcp`"),
    Library("ai-sdk-5-google", "AI SDK 5, Google", "ai-5-google", "node/ai_sdk_5.mjs", "`ai` 5"),
    Library("anthropic-js", "Anthropic", "@anthropic-ai/sdk", "node/anthropic.mjs", "`mcpTool`"),
    Library("google-genai-js", "Google GenAI", "@google/genai", "node/google_genai.mjs", "`mcpToTool`"),
    Library("vs-code", "VS Code", "", None, "rules restated, GPT-4 models"),
    Library(
        "openai-agents-python", "OpenAI Agents", "openai-agents", "python/with_openai_agents.py", "strict schemas", True
    ),
    Library("anthropic-python", "Anthropic", "anthropic", "python/with_anthropic.py", "`async_mcp_tool`"),
    Library("google-genai-python", "Google GenAI", "google-genai", "python/with_google_genai.py", "tools of a session"),
    Library("google-adk", "Google ADK", "google-adk", "python/with_google_adk.py", "`McpToolset`, Gemini"),
    Library("pydantic-ai-openai", "Pydantic AI, OpenAI", "pydantic-ai-slim", "python/with_pydantic_ai.py", "`MCPToolset`"),
    Library(
        "pydantic-ai-anthropic", "Pydantic AI, Anthropic", "pydantic-ai-slim", "python/with_pydantic_ai.py", "`MCPToolset`"
    ),
    Library("pydantic-ai-google", "Pydantic AI, Google", "pydantic-ai-slim", "python/with_pydantic_ai.py", "`MCPToolset`"),
    Library("langchain-openai", "LangChain, OpenAI", "langchain-openai", "langchain/with_langchain.py", "`bind_tools`"),
    Library(
        "langchain-openai-strict",
        "LangChain, OpenAI strict",
        "langchain-openai",
        "langchain/with_langchain.py",
        "`bind_tools`, strict",
        True,
    ),
    Library(
        "langchain-google", "LangChain, Google", "langchain-google-genai", "langchain/with_langchain.py", "`bind_tools`"
    ),
    Library(
        "langchain-anthropic", "LangChain, Anthropic", "langchain-anthropic", "langchain/with_langchain.py", "`bind_tools`"
    ),
    Library("llama-cpp", "llama.cpp", "llama-cpp-python", "llama/with_llama_cpp.py", "grammar of a schema"),
]


def quick(library: Library) -> bool:
    """Tells whether a library is part of a quick run: those of npm install quickly."""
    return library.script is None or library.script.startswith("node/")


def version(library: Library) -> str:
    """Finds the version that is pinned."""
    if not library.script:
        return ""
    folder = library.script.split("/")[0]
    if folder == "node":
        return npm_version(HERE, library.package)
    return pypi_version(HERE / ("" if folder == "python" else folder) / "requirements.txt", library.package)


def interpreter(script: str, node: str) -> str:
    """Names the program that runs a script."""
    folders: dict[str, Callable[[], str]] = {
        "node": lambda: node,
        "python": lambda: str(HERE / ".venv/bin/python"),
        "langchain": lambda: str(HERE / "langchain/.venv/bin/python"),
        "llama": lambda: str(TESTS / ".venv/bin/python"),
    }
    return folders[script.split("/")[0]]()
