// Every area of the application in one language; a chunk of its own, loaded
// when that language is shown.
import app from '../../../messages/ja/app.json'
import cases from '../../../messages/ja/app-case.json'
import contacts from '../../../messages/ja/app-contacts.json'
import customer from '../../../messages/ja/app-customer.json'
import demo from '../../../messages/ja/app-demo.json'
import inbox from '../../../messages/ja/app-inbox.json'
import loop from '../../../messages/ja/app-loop.json'
import places from '../../../messages/ja/app-places.json'
import playbook from '../../../messages/ja/playbook.json'
import response from '../../../messages/ja/app-response.json'
import search from '../../../messages/ja/app-search.json'
import session from '../../../messages/ja/app-session.json'
import settings from '../../../messages/ja/app-settings.json'
import setup from '../../../messages/ja/app-setup.json'

const words: Record<string, string> = { ...app, ...session, ...setup, ...inbox, ...customer, ...search, ...cases, ...playbook, ...response, ...loop, ...settings, ...contacts, ...places, ...demo }
export default words
