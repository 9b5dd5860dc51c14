"""A client of the Model Context Protocol, which starts one person's memory and uses its tools, like an assistant.

    python examples/mcp_client.py ana    # needs treering[mcp]

It needs no model: what an assistant's model would call is called here, step by step.
"""

from __future__ import annotations

import sys

import anyio
from mcp import Client, StdioServerParameters

SERVER = [sys.executable, "-c", "from treering.cli import main; main()"]
"""`treering`, of the Python that runs this; assistants are told `"command": "treering"`."""


async def main() -> None:
    """Remember, read, and forget in two steps."""
    user = sys.argv[1] if len(sys.argv) > 1 else "me"
    command, *arguments = [*SERVER, "mcp", "--user", user, "--log-level", "warning"]
    async with Client(StdioServerParameters(command=command, args=arguments)) as memory:
        print("It offers:", *sorted(tool.name for tool in (await memory.list_tools()).tools))

        async def call(tool: str, **arguments: str) -> dict[str, object]:
            answer = await memory.call_tool(tool, arguments)
            print(f"\n> {tool} {arguments}", *(part.text for part in answer.content if part.type == "text"), sep="\n")
            return answer.structured_content or {}

        await call("remember", text="I moved to Lisbon and I'm allergic to peanuts.")
        while "Lisbon" not in str(await memory.call_tool("read_persona")):  # noqa: ASYNC110 - a thread there listens
            await anyio.sleep(0.1)
        await call("recall_memory", question="Where does the person live?")
        listed = await call("forget", about="Lisbon")  # erases nothing: the person has to agree to the list first
        await call("forget", about="Lisbon", confirmation=str(listed["confirmation"]))
        await call("search_history", query="Lisbon")


if __name__ == "__main__":
    anyio.run(main)
