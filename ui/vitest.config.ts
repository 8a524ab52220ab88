import { defineConfig } from 'vitest/config'

export default defineConfig({ assetsInclude: ['**/*.arcs?inline', '**/*.arcs'], test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 60_000 } })
