import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import { budget } from './budget.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The server the dev server talks to; `bin/kintsugi demo` listens there. */
const backend = process.env.KINTSUGI_BACKEND ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [tailwindcss(), svelte(), budget({ script: 120, style: 15 })],
  resolve: { alias: { $lib: here('./src/lib'), $app: here('./src/app') } },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 400, rolldownOptions: { checks: { bundlerTimings: false } } }, // a slow machine is no fault
  server: {
    host: '127.0.0.1',
    // Component tests ask no server.
    proxy: process.env.VITEST ? {} : { '/api/v1/live': { target: backend, ws: true }, '/api': { target: backend }, '/s/': { target: backend } },
  },
})
