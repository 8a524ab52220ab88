import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The page's first script goes before all else that its head asks for: it does not wait for the others, nor for styles.
 * Scripts and styles go before what they will ask for.
 */
const early: Plugin = {
  name: 'early',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle, path }) {
      const script = Object.values(bundle ?? {}).find((one) => one.type === 'chunk' && one.name === 'early')
      if (!script || path !== '/index.html') return
      const ahead = html.match(/^ *<link rel="preload".*\n/gm)?.join('') ?? ''
      return html
        .replace(/^ *<link rel="preload".*\n/gm, '')
        .replace('<link', `<script type="module" async fetchpriority="high" crossorigin src="./${script.fileName}"></script>\n    <link`)
        .replace('  </head>', `${ahead}  </head>`)
    },
  },
}

export default defineConfig({
  base: './',
  plugins: [svelte(), early],
  // milsymbol's exports hide its parts; by this name we take only the sets that we draw.
  resolve: { alias: { 'milsymbol-core': here('./node_modules/milsymbol/index.mjs') } },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/ws': { target: 'ws://127.0.0.1:8137', ws: true },
      '/api': 'http://127.0.0.1:8137',
      '/basemap': 'http://127.0.0.1:8137',
    },
  },
  build: {
    target: 'es2022',
    outDir: process.env.VEDETTE_PAGE_OUT ?? here('../src/vedette/app/static'),
    emptyOutDir: true,
    rollupOptions: { input: { early: here('./src/early.ts'), index: here('./index.html'), council: here('./council.html'), nodes: here('./nodes.html'), studies: here('./studies.html') } },
    assetsInlineLimit: 0, // nothing inline: the page's CSP allows files of its own origin only
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' }, // of all that the page is built from
  },
})
