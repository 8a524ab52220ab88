import { open } from './lib/open'
import Studies from './Studies.svelte'

void open(Studies)
