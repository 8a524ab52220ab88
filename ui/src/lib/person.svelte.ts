import type { Signer } from './signing'

/** Who sits at this page. Kept until it is closed, never stored. */
export const me = $state<{ person: string; office: string; signer: Signer | null }>({ person: '', office: '', signer: null })
