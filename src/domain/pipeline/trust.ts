/** What signatures a pipeline asks for before anything may reach staging. */

/**
 * `strict`: a maintainer merges and signs. `hosted`: a platform merges and signs, and a maintainer accepts the commit
 * here. `none`: nobody is asked, which is shown wherever it matters.
 */
export const signatureModes = ['strict', 'hosted', 'none'] as const;
export type SignatureMode = (typeof signatureModes)[number];
