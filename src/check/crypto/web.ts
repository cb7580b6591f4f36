/** What browsers have, and synchronous hashes, which they do not have. */

import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import type { webcrypto } from "node:crypto"
import type { Crypto } from "../crypto.js"

export const webCrypto: Crypto = {
  sha256: (parts) => {
    const hash = sha256.create()
    for (const part of parts) hash.update(part)
    return hash.digest()
  },
  hmacSha256: (key, bytes) => hmac(sha256, key, bytes),
  verifyEd25519: async (key, message, signature) => {
    // Absent where the page is not served securely.
    const subtle = globalThis.crypto?.subtle as webcrypto.SubtleCrypto | undefined
    if (!subtle) throw new Error("checking a proof needs WebCrypto, which browsers give to secure contexts only")
    const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes)
    const imported = await subtle.importKey("raw", owned(key), "Ed25519", false, ["verify"])
    return subtle.verify("Ed25519", imported, owned(signature), owned(message))
  },
  fromBase64: (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
}
