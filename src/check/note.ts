/** Signed notes (C2SP signed-note): a text, a blank line, and a line `— <name> base64(key id ‖ signature)` per signature. */

import { hex } from "./bytes.js"
import { parseBase64 } from "./encoding.js"
import { Failure } from "./failure.js"
import { isName, type VerifierKey, verifies } from "./key.js"

/** A note that at least one known key has signed. */
export interface OpenedNote {
  /** What was signed, with its final line feed. */
  text: string
  /** The known keys that signed it, each once. */
  signers: VerifierKey[]
}

/** Not a checkpoint's note, or not a checkpoint's text. */
export const noCheckpoint = (what: string): Failure => new Failure("malformed", `not a signed checkpoint: ${what}`)

export const unknownSigner = (signers: readonly string[]): Failure =>
  new Failure("unknown_signer", `signed by no known key, but by ${signers.join(", ")}`)

/** Checks a note's signatures. Signatures of unknown keys are ignored; a bad one of a known key rejects the note. */
export async function openNote(note: string, known: readonly VerifierKey[]): Promise<OpenedNote> {
  if (/[^\n -\uffff]/.test(note)) throw noCheckpoint("a control character")
  const end = note.lastIndexOf("\n\n")
  if (end === -1) throw noCheckpoint("no blank line before the signatures")
  const [text, block] = [note.slice(0, end + 1), note.slice(end + 2)]
  if (!block.endsWith("\n")) throw noCheckpoint("no signature, or no line feed after the last")
  const signers: VerifierKey[] = []
  const unknown: string[] = []
  for (const line of block.slice(0, -1).split("\n")) {
    const { name, id, signature } = parseSignature(line)
    const key = known.find((key) => key.name === name && key.id === id)
    if (!key) {
      unknown.push(`${name}+${id}`)
      continue
    }
    // Once is enough: a note must not make its reader verify the same key again and again.
    if (signers.includes(key)) continue
    if (!(await verifies(key, text, signature))) {
      throw new Failure("invalid_signature", `the signature of ${name} does not verify`)
    }
    signers.push(key)
  }
  if (signers.length === 0) throw unknownSigner(unknown)
  return { text, signers }
}

function parseSignature(line: string): { name: string; id: string; signature: Uint8Array } {
  const [, name, encoded] = /^— ([^ ]*) (.*)$/.exec(line) ?? []
  const decoded = parseBase64(encoded ?? "")
  if (name === undefined || !isName(name) || !decoded || decoded.length <= 4) throw noCheckpoint("a bad signature line")
  return { name, id: hex(decoded.subarray(0, 4)), signature: decoded.subarray(4) }
}
