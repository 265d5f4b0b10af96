// The product in a browser: the real binary, a real mail provider, Debian's Chromium.
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  fullyParallel: false,
  workers: 2, // each file has a desk of its own
  timeout: 600_000, // the files that open every page share two cores with another
  expect: { timeout: 20_000 },
  forbidOnly: true,
  outputDir: '../test-results',
  use: {
    timezoneId: 'Asia/Tokyo',
    // A trace writes down every page after every act, which takes a third of the time: TRACE=1 asks for it.
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
})
