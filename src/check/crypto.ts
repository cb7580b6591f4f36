/** Hashes and signatures: Node's own where there is Node, else @noble/hashes and WebCrypto. */

import { nodeCrypto } from "./crypto/node.js"

/** What the check needs of a platform. */
export interface Crypto {
  sha256(parts: readonly Uint8Array[]): Uint8Array
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array
  /** The signature has 64 bytes, the key 32. */
  verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** The text is known to be canonical base64. */
  fromBase64(text: string): Uint8Array
}

let crypto = nodeCrypto()

/** To be awaited before any of what follows; Node's crypto is there from the start. */
export async function loadCrypto(): Promise<void> {
  crypto ??= (await import("./crypto/web.js")).webCrypto
}

function loaded(): Crypto {
  if (!crypto) throw new Error("the platform's crypto is not loaded")
  return crypto
}

/** SHA-256 of the parts, one after the other. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => loaded().sha256(parts)

export const hmacSha256: Crypto["hmacSha256"] = (key, bytes) => loaded().hmacSha256(key, bytes)

export const verifyEd25519: Crypto["verifyEd25519"] = (key, message, signature) =>
  loaded().verifyEd25519(key, message, signature)

export const fromBase64: Crypto["fromBase64"] = (text) => loaded().fromBase64(text)
