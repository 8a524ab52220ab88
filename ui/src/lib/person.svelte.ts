/** Who sits at this page. Kept until it is closed, never stored. */
export const me = $state({ person: '', office: '' })
