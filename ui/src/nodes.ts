import '@fontsource/b612/latin-400.css'
import '@fontsource/b612/latin-700.css'
import '@fontsource/b612-mono/latin-400.css'
import '@fontsource/b612-mono/latin-700.css'
import './app.css'
import { mount } from 'svelte'
import Nodes from './Nodes.svelte'

mount(Nodes, { target: document.getElementById('app')! })
