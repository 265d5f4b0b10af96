// A channel's sign: what sort of talking it is, not a vendor's mark.
import Bubble from '@lucide/svelte/icons/message-circle'
import Camera from '@lucide/svelte/icons/camera'
import Form from '@lucide/svelte/icons/clipboard-list'
import Globe from '@lucide/svelte/icons/globe'
import Mail from '@lucide/svelte/icons/mail'
import Phone from '@lucide/svelte/icons/phone'
import Plane from '@lucide/svelte/icons/send'
import Plug from '@lucide/svelte/icons/plug'
import Text from '@lucide/svelte/icons/message-square-text'

const icons: Record<string, typeof Mail> = { email: Mail, webchat: Globe, telegram: Plane, sms: Text, voice: Phone, form: Form, hook: Plug, instagram: Camera }

export const iconOf = (kind: string): typeof Mail => icons[kind] ?? Bubble
