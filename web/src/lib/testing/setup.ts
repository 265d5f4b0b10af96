// Component tests run with the real words and tokens.
import '../../app.css'
import { beforeAll } from 'vitest'
import { speak } from '../i18n/i18n.svelte'

beforeAll(() => speak('en'))
