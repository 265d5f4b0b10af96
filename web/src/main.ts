import { mount } from 'svelte'
import App from './app/App.svelte'
import './app.css'
import { startLook } from '$lib/look.svelte'
import { router } from '$lib/router.svelte'

router.start()
await startLook()
mount(App, { target: document.getElementById('app')! })
