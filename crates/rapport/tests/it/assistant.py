"""Speaks to `rapport mcp` with the reference client of the protocol, old handshake and new; prints what it met as JSON."""
import asyncio, json, os, sys
from mcp import Client, ClientSession, MCPError, StdioServerParameters, stdio_client

server = StdioServerParameters(command=sys.argv[1], args=sys.argv[3:], env=dict(os.environ))
calls = json.loads(sys.argv[2])


def told(result):
    return {"error": bool(result.is_error), "text": [part.text for part in result.content]}


async def asked(client):
    answers = []
    for name, arguments in calls:
        try:
            answers.append(told(await client.call_tool(name, arguments)))
        except MCPError as error:
            answers.append({"refused": str(error)})
    return answers


async def main():
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        new = {
            "tools": {tool.name: tool.model_dump(mode="json", by_alias=True) for tool in tools},
            "answers": await asked(client),
        }
    async with stdio_client(server) as (read, write):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            old = {
                "server": hello.server_info.name,
                "manners": hello.instructions,
                "tools": len((await session.list_tools()).tools),
                "answers": await asked(session),
            }
    print(json.dumps({"new": new, "old": old}))


asyncio.run(main())
