import { playwright } from '@vitest/browser-playwright'
import { defineConfig, mergeConfig } from 'vitest/config'
import vite from './vite.config.ts'

const chromium = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
}

// Two projects: rules without a page run in node and take milliseconds,
// components run in the Chromium that users have.
export default mergeConfig(
  vite,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'rules', environment: 'node', include: ['src/**/*.test.ts', 'sdk/src/**/*.test.ts', 'widget/**/*.test.ts'], exclude: ['src/**/*.svelte.test.ts', 'widget/**/*.dom.test.ts'] } },
        {
          extends: true,
          // What a lazily loaded page imports must be known before the first test: found
          // later, it makes vite load the page again in the middle of another.
          optimizeDeps: { entries: ['src/**/*.{ts,svelte}'] },
          test: {
            name: 'components',
            include: ['src/**/*.svelte.test.ts', 'widget/**/*.dom.test.ts'],
            setupFiles: ['src/lib/testing/setup.ts'],
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider: playwright({ launchOptions: chromium, contextOptions: { locale: 'en-GB', timezoneId: 'Asia/Tokyo' } }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
      ],
    },
  }),
)
