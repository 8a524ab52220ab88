import { open } from './lib/open'
import Nodes from './Nodes.svelte'

void open(Nodes)
