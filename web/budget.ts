// The build fails when the page grows too heavy: what every visitor loads before
// anything is shown, compressed as the server sends it. It also writes what is
// built in a denser form beside it (.br), which takes too long while serving.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

interface Budget {
  /** Kilobytes of JavaScript that the entry needs, with everything it imports. */
  script: number
  /** Kilobytes of CSS that the entry needs. */
  style: number
}

export function budget(limit: Budget): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    writeBundle({ dir }) {
      if (!dir) return
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg|json)$/.test(name)) continue
        const plain = readFileSync(join(dir, name))
        const dense = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } })
        if (plain.length > 1000) writeFileSync(join(dir, `${name}.br`), dense)
      }
    },
    generateBundle(_, bundle) {
      const seen = new Set<string>()
      let script = 0
      let style = 0
      const weigh = (name: string): void => {
        const part = bundle[name]
        if (!part || part.type !== 'chunk' || seen.has(name)) return
        seen.add(name)
        script += gzipSync(part.code).length
        for (const css of (part as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? []) {
          const sheet = bundle[css]
          if (sheet?.type === 'asset') style += gzipSync(sheet.source).length
        }
        part.imports.forEach(weigh)
      }
      for (const part of Object.values(bundle)) if (part.type === 'chunk' && part.isEntry) weigh(part.fileName)
      const kb = (bytes: number) => Math.round(bytes / 100) / 10
      this.info(`first load: ${kb(script)} kB of script, ${kb(style)} kB of style (gzip)`)
      if (script > limit.script * 1000) this.error(`The first load needs ${kb(script)} kB of script; ${limit.script} kB are allowed.`)
      if (style > limit.style * 1000) this.error(`The first load needs ${kb(style)} kB of style; ${limit.style} kB are allowed.`)
    },
  }
}
