import { askAhead } from './lib/ahead'

askAhead() // a script of its own (vite.config.ts), which runs while the page's other code is on its way
