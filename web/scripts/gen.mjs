// Writes src/lib/api/schema.d.ts from the server's own description of its API.
// Usage: npm run gen [-- file or address]; the default is the file that the Go
// side keeps. With --check nothing is written: it fails when the types are old. Only what the page uses is kept: paths below /api/v1, what goes in,
// and what a success gives back. Failures are all the same problem document.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const check = process.argv.includes('--check')
const source = process.argv.slice(2).find((a) => a !== '--check') ?? '../internal/front/api/openapi.json'
const text = /^https?:/.test(source) ? await (await fetch(source)).text() : await readFile(source, 'utf8')
const api = JSON.parse(text)
const base = '/api/v1'

const paths = {}
for (const [path, item] of Object.entries(api.paths)) {
  if (!path.startsWith(base)) continue
  for (const operation of Object.values(item)) {
    if (!operation?.responses) continue
    delete operation.operationId
    // Filters come out of the address as plain text; the server judges them.
    for (const parameter of operation.parameters ?? []) if (parameter.in === 'query') delete parameter.schema?.enum
    for (const [status, response] of Object.entries(operation.responses)) {
      if (!status.startsWith('2')) delete operation.responses[status]
      else delete response.headers
    }
  }
  paths[path.slice(base.length)] = item
}
const bare = (key, value) => (key === 'description' && typeof value === 'string' ? undefined : value)
const lean = JSON.parse(JSON.stringify({ ...api, paths }, bare))
const nodes = await openapiTS(lean)
const target = new URL('../src/lib/api/schema.d.ts', import.meta.url)
const words = `// Written by npm run gen from the server's openapi.json. Do not edit.\n${astToString(nodes)}`
if (!check) await writeFile(target, words)
else if ((await readFile(target, 'utf8')) !== words) {
  console.error('web/src/lib/api/schema.d.ts is not what openapi.json says: make gen')
  process.exit(1)
}
