/** A JSON value; integers beyond 2⁵³ are written as bigint. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** JSON text of a value in which a bigint stands as `{"bigint": "…"}`. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? { bigint: inner.toString() } : inner));
}
