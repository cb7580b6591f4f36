/** Times that two processes of one machine can compare: milliseconds since 1970, with fractions. */
export const nowMs = (): number => performance.timeOrigin + performance.now()
