// The names of all words the application can say: the keys of the English
// files. A key that does not exist is a type error.

export type Key =
  | keyof typeof import('../../../messages/en/app.json')
  | keyof typeof import('../../../messages/en/app-session.json')
  | keyof typeof import('../../../messages/en/app-setup.json')
  | keyof typeof import('../../../messages/en/app-inbox.json')
  | keyof typeof import('../../../messages/en/app-customer.json')
  | keyof typeof import('../../../messages/en/app-search.json')
  | keyof typeof import('../../../messages/en/app-case.json')
  | keyof typeof import('../../../messages/en/playbook.json')
  | keyof typeof import('../../../messages/en/app-response.json')
  | keyof typeof import('../../../messages/en/app-loop.json')
  | keyof typeof import('../../../messages/en/app-settings.json')
  | keyof typeof import('../../../messages/en/app-places.json')
  | keyof typeof import('../../../messages/en/app-contacts.json')
  | keyof typeof import('../../../messages/en/app-demo.json')
