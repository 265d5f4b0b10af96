// Every area of the application in one language; a chunk of its own, loaded
// when that language is shown.
import app from '../../../messages/en/app.json'
import cases from '../../../messages/en/app-case.json'
import contacts from '../../../messages/en/app-contacts.json'
import customer from '../../../messages/en/app-customer.json'
import demo from '../../../messages/en/app-demo.json'
import inbox from '../../../messages/en/app-inbox.json'
import loop from '../../../messages/en/app-loop.json'
import places from '../../../messages/en/app-places.json'
import playbook from '../../../messages/en/playbook.json'
import response from '../../../messages/en/app-response.json'
import search from '../../../messages/en/app-search.json'
import session from '../../../messages/en/app-session.json'
import settings from '../../../messages/en/app-settings.json'
import setup from '../../../messages/en/app-setup.json'

const words: Record<string, string> = { ...app, ...session, ...setup, ...inbox, ...customer, ...search, ...cases, ...playbook, ...response, ...loop, ...settings, ...contacts, ...places, ...demo }
export default words
