import type { Body } from "./body.js"
import { type Endpoint, matchesAny } from "./refuse/endpoint.js"

/** Hosts that serve models and nothing that could be evidence. */
const PROVIDERS = new Set([
  "api.openai.com",
  "api.anthropic.com",
  "generativelanguage.googleapis.com",
  "aiplatform.googleapis.com",
  "api.mistral.ai",
  "codestral.mistral.ai",
  "api.cohere.com",
  "api.cohere.ai",
  "api.groq.com",
  "api.together.xyz",
  "api.together.ai",
  "api.deepseek.com",
  "api.x.ai",
  "api.perplexity.ai",
  "api.fireworks.ai",
  "api.cerebras.ai",
  "api.sambanova.ai",
  "openrouter.ai",
  "router.huggingface.co",
  "api-inference.huggingface.co",
])

const PROVIDER_FAMILIES = [
  /-aiplatform\.googleapis\.com$/,
  /^bedrock-runtime(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/,
  /\.(openai|services\.ai|cognitiveservices)\.azure\.com$/,
]

const SUFFIXES = [
  "/chat/completions",
  "/completions",
  "/responses",
  "/messages",
  ":generateContent",
  ":streamGenerateContent",
  ":rawPredict",
  ":streamRawPredict",
  "/converse",
  "/converse-stream",
  "/invoke",
  "/invoke-with-response-stream",
  "/api/chat",
  "/api/generate",
]

/** Bodies above this are looked at, not parsed. */
const MAX_PARSED = 1024 * 1024

/** Hosts that were looked at already; more than this are looked at anew. */
const MAX_HOSTS = 1024
const hosts = new Map<string, boolean>()

/** Whether a URL is a model's by itself: a known provider's host, or named in record.modelEndpoints. */
export function isModelUrl(url: string, endpoints: readonly Endpoint[]): boolean {
  return isProvider(hostOf(url)) || (endpoints.length > 0 && matchesAny(endpoints, url))
}

/** Whether a request's body decides: a POST whose path ends as a model's interface does. */
export function mayBeModel(method: string, url: string): boolean {
  if (method !== "POST") return false
  const query = url.indexOf("?")
  const path = query === -1 ? url : url.slice(0, query)
  for (let i = 0; i < SUFFIXES.length; i++) if (path.endsWith(SUFFIXES[i]!)) return true
  return false
}

/** Whether a request's body is what models are asked with. */
export function asksModel(body: Body | null): boolean {
  if (body === null || body.length === 0) return false
  const text = Buffer.concat(body.chunks).toString("utf8")
  if (body.length <= MAX_PARSED) {
    try {
      return hasModelKeys(JSON.parse(text))
    } catch {
      return false
    }
  }
  return /"(messages|contents)"\s*:\s*\[/.test(text) || (/"(prompt|input)"\s*:/.test(text) && /"model"\s*:/.test(text))
}

function hasModelKeys(json: unknown): boolean {
  if (typeof json !== "object" || json === null) return false
  if ("messages" in json || "contents" in json) return true
  // `input` is how the Responses interface names its prompt.
  return "model" in json && ("prompt" in json || "input" in json)
}

function isProvider(host: string): boolean {
  let known = hosts.get(host)
  if (known === undefined) {
    known = PROVIDERS.has(host) || PROVIDER_FAMILIES.some((family) => family.test(host))
    if (hosts.size < MAX_HOSTS) hosts.set(host, known)
  }
  return known
}

function hostOf(url: string): string {
  const start = url.indexOf("//") + 2
  let end = start
  while (end < url.length) {
    const code = url.charCodeAt(end)
    if (code === 47 /* / */ || code === 58 /* : */ || code === 63 /* ? */) break
    end++
  }
  return url.slice(start, end).toLowerCase()
}
