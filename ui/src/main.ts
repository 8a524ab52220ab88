import { loadPainter } from './lib/easel'
import { open } from './lib/open'
import App from './App.svelte'

loadPainter() // while the page is put up
void open(App)
