const { performance } = globalThis

/** Microseconds since 1970, never going backwards within a thread. */
export function nowUs(): number {
  return (performance.timeOrigin + performance.now()) * 1000
}
