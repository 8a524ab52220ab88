import './early'
import { open } from './lib/open'
import App from './App.svelte'

void open(App)
