"""Another process on the unmodified SDK: evaluates the payload on stdin, and prints the verdict as JSON."""

import asyncio
import json
import sys

from sourcerykit import bootstrap_system, evaluate_handoff
from sourcerykit.schemas import HandoffPayload


async def main() -> None:
    # Also where it records nothing: it makes the tables that verdicts and trusted endpoints are in.
    await bootstrap_system()
    payload = HandoffPayload.model_validate_json(sys.stdin.read())
    json.dump(await evaluate_handoff(payload=payload), sys.stdout)


asyncio.run(main())
