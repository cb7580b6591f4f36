"""An agent on the unmodified SDK: does what stdin says, and prints what came of it as JSON.

{trusted: [url], calls: [{tool, url, client}], claims: [claim], prompt} → {refs: [call_ref], ids: {…}, payload}

In the claims, "ref:0" stands for the reference of the first call.
"""

import asyncio
import dataclasses
import json
import sys

import httpx
import requests
from sourcerykit import async_intercept_context, bootstrap_system, build_handoff_payload, insert_trusted_endpoint
from sourcerykit.bootstrap.bootstrap import get_bootstrap
from sourcerykit.db._engine import get_engine
from sqlalchemy import text

AGENT = "python"


async def call(todo: dict) -> str:
    async with async_intercept_context(agent_id=AGENT, action_name=todo["tool"]) as ref:
        if todo.get("client") == "requests":
            requests.get(todo["url"], timeout=30)
        else:
            async with httpx.AsyncClient() as client:
                if "json" in todo:
                    await client.post(todo["url"], json=todo["json"])
                else:
                    await client.get(todo["url"])
    if todo.get("client") == "requests":
        # The SDK records these behind the caller's back, and commits them so.
        await committed(ref)
    return ref


async def committed(ref: str) -> None:
    async with asyncio.timeout(30):
        while True:
            async with get_engine().connect() as connection:
                found = await connection.execute(
                    text("SELECT 1 FROM intercepts WHERE call_ref = CAST(:ref AS uuid) AND leaf_index IS NOT NULL"),
                    {"ref": ref},
                )
                if found.first():
                    return
            await asyncio.sleep(0.05)


def named(value: object, refs: list[str]) -> object:
    if isinstance(value, dict):
        return {key: named(one, refs) for key, one in value.items()}
    if isinstance(value, list):
        return [named(one, refs) for one in value]
    if isinstance(value, str) and value.startswith("ref:"):
        return refs[int(value.removeprefix("ref:"))]
    return value


async def main() -> None:
    todo = json.load(sys.stdin)
    await bootstrap_system()
    for url in todo.get("trusted", []):
        await insert_trusted_endpoint(url=url)
    refs = [await call(one) for one in todo.get("calls", [])]
    claims = named(todo.get("claims", []), refs)
    payload = await build_handoff_payload(
        {"answer": todo.get("answer", ""), "claims": claims},
        prompt=todo.get("prompt", ""),
        intercept_agent_id=AGENT,
    )
    ids = {key: str(value) for key, value in dataclasses.asdict(get_bootstrap()).items()}
    json.dump({"refs": refs, "ids": ids, "payload": payload.model_dump(mode="json")}, sys.stdout)


asyncio.run(main())
