// Builds what other sites load: the loader and the panel. Both are small by decree:
// the build fails when one is not.
import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Bytes when compressed, as every visitor of a site loads them. */
const LIMITS = { loader: 2048, panel: 12288, more: 6144, prompt: 3072, push: 1024 }

for (const [name, limit] of Object.entries(LIMITS)) {
  await build({
    configFile: false,
    root: here('..'),
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir: here('../dist/chat'),
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry: here(`../widget/${name}.ts`), formats: [name === 'loader' || name === 'push' ? 'iife' : 'es'], name: 'kintsugi', fileName: () => `${name}.js` },
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  })
  const size = gzipSync(readFileSync(here(`../dist/chat/${name}.js`)), { level: 9 }).length
  console.log(`chat ${name}: ${size} bytes (gzip) of ${limit}`)
  if (size > limit) {
    console.error(`The chat's ${name} needs ${size} bytes; ${limit} are allowed.`)
    process.exitCode = 1
  }
}
