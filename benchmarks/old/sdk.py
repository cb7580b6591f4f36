"""The unmodified Python SDK: tool calls in a row, then a claim on each; prints the times and the outcome as JSON."""

import asyncio
import json
import sys
import time

import httpx
from sourcerykit import (
    async_intercept_context,
    bootstrap_system,
    build_handoff_payload,
    evaluate_handoff,
    insert_trusted_endpoint,
)

AGENT = "bench"


async def call(client: httpx.AsyncClient, url: str) -> str:
    async with async_intercept_context(agent_id=AGENT, action_name="price") as ref:
        (await client.get(url)).json()
    return ref


async def main(url: str, calls: int) -> None:
    await bootstrap_system()
    await insert_trusted_endpoint(url=url)
    # Its first line tells that the handshake is over; the answer, that the requests are counted from here.
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    async with httpx.AsyncClient() as client:
        refs = [await call(client, url) for _ in range(calls)]
    recorded = time.perf_counter()
    claims = [
        {"action_name": "price", "claimed_value": [{"path": "price", "value": "42", "sourcerykit_ref": ref}]}
        for ref in refs
    ]
    payload = await build_handoff_payload({"answer": "", "claims": claims}, prompt="", intercept_agent_id=AGENT)
    verdict = await evaluate_handoff(payload=payload)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "toolsMs": (recorded - began) * 1000,
                "verifyMs": (ended - recorded) * 1000,
                "outcome": verdict["outcome"],
            }
        )
    )


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
