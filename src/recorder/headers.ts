/** One header as undici holds it: bytes or text; a list is the same name several times. */
type Value = string | Uint8Array | readonly (string | Uint8Array)[]

function latin1(value: string | Uint8Array): string {
  if (typeof value === "string") return value
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return bytes.toString("latin1")
}

function lines(name: string, value: Value): string {
  if (typeof value === "string" || value instanceof Uint8Array) return `${name}: ${latin1(value)}\n`
  let text = ""
  for (const one of value) text += `${name}: ${latin1(one)}\n`
  return text
}

/** A flat list of names and values, or undici's object form for HTTP/2, as `name: value\n` lines in wire order. */
export function fromRaw(raw: readonly Value[] | Readonly<Record<string, Value>>): string {
  let text = ""
  if (Array.isArray(raw)) {
    for (let i = 0; i + 1 < raw.length; i += 2) text += lines(latin1(raw[i]).toLowerCase(), raw[i + 1])
  } else {
    for (const [name, value] of Object.entries(raw)) text += lines(name.toLowerCase(), value)
  }
  return text
}

/** A block as it is on the wire, `Name: value\r\n` each, from the given offset on. */
export function fromBlock(block: string, start: number): string {
  let text = ""
  let at = start
  while (at < block.length) {
    let end = block.indexOf("\r\n", at)
    if (end === -1) end = block.length
    const colon = block.indexOf(":", at)
    if (colon === -1 || colon >= end) break
    const value = block.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1
    text += `${block.slice(at, colon).toLowerCase()}: ${block.slice(value, end)}\n`
    at = end + 2
  }
  return text
}

/** The first value of a header, from either form. */
export function find(raw: readonly Value[] | Readonly<Record<string, Value>>, name: string): string | null {
  const text = `\n${fromRaw(raw)}`
  const at = text.indexOf(`\n${name}: `)
  if (at === -1) return null
  const start = at + name.length + 3
  return text.slice(start, text.indexOf("\n", start))
}
