/** Node's crypto. Not imported: a bundle for the browser must not name a module of Node's. */

import type { Crypto } from "../crypto.js"

/** DER of an Ed25519 public key, but for its 32 bytes (RFC 8410). */
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

/** Null where this is not Node. */
export function nodeCrypto(): Crypto | null {
  const crypto = globalThis.process?.getBuiltinModule?.("node:crypto")
  if (!crypto) return null
  const { createHash, createHmac, createPublicKey, verify } = crypto
  return {
    sha256: (parts) => {
      const hash = createHash("sha256")
      for (const part of parts) hash.update(part)
      return hash.digest()
    },
    hmacSha256: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
    verifyEd25519: (key, message, signature) => {
      const der = Buffer.concat([Buffer.from(SPKI), key])
      return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature)
    },
    fromBase64: (text) => Buffer.from(text, "base64"),
  }
}
