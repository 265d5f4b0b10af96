// Puts the typeface of printed stickers beside the pages, packed. The program reads
// it from there (web/embed.go); a name with a dot is served to nobody.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
mkdirSync(here('../dist'), { recursive: true })
const plain = readFileSync(here('../node_modules/@expo-google-fonts/m-plus-1p/500Medium/MPLUS1p_500Medium.ttf'))
const packed = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION })
writeFileSync(here('../dist/.label.ttf.gz'), packed)
console.log(`typeface of stickers: ${packed.length} bytes of ${plain.length}`)
