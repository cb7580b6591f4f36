/** Options of a build that cross to the engine as they were given, with every default filled in. */

import type { BuildOptions } from "../engine/engine.js"
import { extended } from "./evaluation.js"
import type { BuildPayloadOptions } from "./options.js"

type Given = Pick<BuildOptions, "after" | "disclose" | "prompt" | "task" | "answer" | "includeApiKey">

/** Those of them that depend on nothing else. */
export function givenOptions(options: BuildPayloadOptions): Given {
  return {
    after: extended(options.after),
    disclose: options.disclose ?? "all",
    prompt: options.prompt ?? null,
    task: options.task ?? null,
    answer: options.answer ?? null,
    includeApiKey: options.includeApiKey ?? false,
  }
}
