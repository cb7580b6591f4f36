import { createHash, type Hash } from "node:crypto"

/** One direction's bytes as they were on the wire: kept by reference up to a limit, hashed to the end. */
export class Body {
  chunks: Uint8Array[] = []
  /** Of the complete wire, in bytes. */
  length = 0
  private kept = 0
  private hash: Hash | null = null

  constructor(private readonly limit: number) {}

  add(chunk: Uint8Array): void {
    const size = chunk.byteLength
    this.length += size
    if (this.hash !== null) {
      this.hash.update(chunk)
      return
    }
    const room = this.limit - this.kept
    if (size <= room) {
      this.kept += size
      this.chunks.push(chunk)
      return
    }
    this.startHash().update(chunk)
    if (room > 0) {
      this.kept += room
      this.chunks.push(chunk.subarray(0, room))
    }
  }

  /** Lets the kept bytes go; what is left is their length and hash. */
  drop(): void {
    if (this.hash === null && this.length > 0) this.startHash()
    this.chunks = []
    this.kept = 0
  }

  /** Of the complete wire, if the kept chunks are only its beginning. */
  digest(): Uint8Array | null {
    return this.hash === null ? null : this.hash.digest()
  }

  /** Whether the kept chunks still are what was on the wire: a transferred buffer is empty. */
  intact(): boolean {
    let size = 0
    for (let i = 0; i < this.chunks.length; i++) size += this.chunks[i]!.byteLength
    return size === this.kept
  }

  private startHash(): Hash {
    const hash = createHash("sha256")
    for (let i = 0; i < this.chunks.length; i++) hash.update(this.chunks[i]!)
    this.hash = hash
    return hash
  }
}
