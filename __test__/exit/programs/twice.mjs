// Two copies of the library in one process: `twice.mjs ONE OTHER DIR URL`; prints what each of them counts.

const [one, other, dir, url] = process.argv.slice(2)
const [first, second] = await Promise.all([import(one), import(other)])
const a = await first.start({ dir })
const b = await second.start({ dir })
for (let row = 0; row < 10; row++) {
  await first.withTool({ name: `row-${row}` }, async () => (await fetch(`${url}/?row=${row}`)).text())
}
await a.flush()
const claims = Array.from({ length: 10 }, (_, row) => ({ action: `row-${row}`, path: "row", equals: row }))
const verdict = await b.verify(claims, { scope: "store" })
console.log(JSON.stringify([first.start === second.start, a.stats().recorded, b.stats().recorded, verdict.outcome]))
await second.shutdown()
await (await fetch(url)).text()
await a.flush()
console.log(a.stats().recorded)
