/** What a benchmark is, and what is made of its samples. */

/** One measured number and, where there is one, the bar that it is held against. */
export interface Figure {
  name: string
  value: number
  unit: string
  atMost?: number
  atLeast?: number
  /** What the number was made of. */
  detail?: Record<string, number>
  /** Why it was not measured; its value is then NaN. */
  skipped?: string
}

export const skipped = (name: string, why: string): Figure => ({ name, value: Number.NaN, unit: "", skipped: why })

/** A benchmark prints nothing and keeps nothing on disk. */
export interface Benchmark {
  name: string
  run(): Promise<Figure[]>
}

/** Measures one block and gives one number. */
export type Block = () => Promise<number>

/** The value below which the share `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** Runs something `count` times and gives the median of what it took, in µs. */
export async function p50Us(count: number, once: () => unknown): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await once()
    samples.push((performance.now() - began) * 1000)
  }
  return median(samples)
}

/**
 * Runs each block once a round, in an order that rotates, so that whatever the machine does beside hits all alike. The
 * first rounds warm up and are left out.
 */
export async function interleave<K extends string>(
  rounds: number,
  blocks: Record<K, Block>,
  warmUp = 1,
): Promise<Record<K, number[]>> {
  const names = Object.keys(blocks) as K[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + warmUp + turn) % names.length]!
      const value = await blocks[name]()
      if (round >= 0) samples[name].push(value)
    }
  }
  return samples
}

/** The median over the rounds of what `a` has more than `b`. */
export const added = (a: readonly number[], b: readonly number[]): number => median(a.map((value, at) => value - b[at]!))

/** The median over the rounds of `a` as a multiple of `b`. */
export const times = (a: readonly number[], b: readonly number[]): number => median(a.map((value, at) => value / b[at]!))

/** Whether the figure keeps its bar; null where it has none. */
export function holds({ value, atMost, atLeast, skipped }: Figure): boolean | null {
  if (skipped !== undefined) return null
  if (atMost === undefined && atLeast === undefined) return null
  return value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity)
}
