/** The keys of C2SP signed notes: Ed25519, known by a name and an id. */

import { hex, readU64be, utf8 } from "./bytes.js"
import { sha256, verifyEd25519 } from "./crypto.js"
import { parseBase64 } from "./encoding.js"
import { isOnCurve, isSmallOrder } from "./point.js"

const ED25519 = 1
/** A witness's statement of when it saw a text (C2SP tlog-cosignature, `cosignature/v1`). */
const COSIGNATURE = 4

/** A key that is trusted to sign notes. */
export interface VerifierKey {
  /** For a log's own key the log's origin. */
  name: string
  /** The first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key), in hex. */
  id: string
  /** A witness's key vouches for when a checkpoint was seen, not for what is in it. */
  isLogKey: boolean
  publicKey: Uint8Array
}

/** Reads vkeys, `<name>+<8 hex of the id>+base64(type ‖ public key)`; throws a TypeError where one is none, or none is given. */
export function parseKeys(vkeys: string | readonly string[]): VerifierKey[] {
  const texts: readonly unknown[] = typeof vkeys === "string" ? [vkeys] : Array.isArray(vkeys) ? vkeys : []
  if (texts.length === 0) throw new TypeError("vkeys: at least one verifier key is needed, as a string or in an array")
  return texts.map((text) => {
    const key = typeof text === "string" ? parseKey(text) : null
    if (!key) throw new TypeError(`vkeys: \`${String(text)}\` is no verifier key`)
    return key
  })
}

function parseKey(vkey: string): VerifierKey | null {
  const [name, id, ...rest] = vkey.split("+")
  const decoded = parseBase64(rest.join("+"))
  if (!name || !decoded || decoded.length !== 33 || !isName(name)) return null
  const [type, publicKey] = [decoded[0], decoded.subarray(1)]
  if (type !== ED25519 && type !== COSIGNATURE) return null
  if (id !== hex(sha256(utf8(`${name}\n`), decoded).subarray(0, 4))) return null
  if (!isOnCurve(publicKey) || isSmallOrder(publicKey)) return null
  return { name, id, isLogKey: type === ED25519, publicKey }
}

/** Whether `signature` is the key's over a note's text. */
export async function verifies(key: VerifierKey, text: string, signature: Uint8Array): Promise<boolean> {
  if (key.isLogKey) return isSigned(key.publicKey, text, signature)
  if (signature.length < 8) return false
  const message = `cosignature/v1\ntime ${readU64be(signature, 0)}\n${text}`
  return isSigned(key.publicKey, message, signature.subarray(8))
}

async function isSigned(publicKey: Uint8Array, message: string, signature: Uint8Array): Promise<boolean> {
  // As ed25519-dalek's `verify_strict`, to which a signature whose point is of small order is none.
  if (signature.length !== 64 || isSmallOrder(signature.subarray(0, 32))) return false
  return verifyEd25519(publicKey, utf8(message), signature)
}

/** Whether a text can name a key: not empty, no white space, no control characters, no plus sign. */
export const isName = (text: string): boolean => text !== "" && !/[\p{White_Space}\p{Cc}+]/u.test(text)
