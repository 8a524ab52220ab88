import { language } from './language'

/** Where a browser signs in again, in the language of the page, and comes back to this page. */
export function signInAddress(path: string, code: string): string {
  const to = /^\/[a-z]+\.html$/.test(path) ? path : ''
  const said = new URLSearchParams({ ...(to ? { to } : {}), ...(code === 'en' ? {} : { lang: code }) }).toString()
  return said ? `/sign-in?${said}` : '/sign-in'
}

/** Whether an answer says that nobody is signed in here; then the page goes where one signs in. */
export function signedOut(answer: Response): boolean {
  if (answer.status !== 401) return false
  location.assign(signInAddress(location.pathname, language()))
  return true
}
