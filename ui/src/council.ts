import { open } from './lib/open'
import Council from './Council.svelte'

void open(Council)
