/**
 * R22: nobody judges what he made. Who made what lies between two releases, and whether a person had a hand in it.
 * Approvals, reviews and sign-offs all ask here.
 */

/** One hand in a change. Commits know people by e-mail, everything else by handle. */
export interface Contributor {
  readonly as: 'author' | 'co-author' | 'signer' | 'requester';
  /** As the commit claims it, or the handle. */
  readonly name: string;
  readonly email?: string;
  readonly handle?: string;
  /** One of the commits, for people who want to look. */
  readonly commit?: string;
}

/** As much of a person as is needed to recognise his hand. */
export interface Recognised {
  readonly handle: string;
  /** Verified ones only: what somebody says of himself proves nothing. */
  readonly emails: readonly string[];
}

export type Independence =
  | { readonly independent: true }
  | { readonly independent: false; readonly as: Contributor['as']; readonly because: string };

/** The first hand that is this person's decides; order the contributors as they should be told. */
export function independence(person: Recognised, contributors: readonly Contributor[]): Independence {
  const hand = contributors.find((contributor) => isHandOf(person, contributor));
  if (hand === undefined) return { independent: true };
  return { independent: false, as: hand.as, because: `${person.handle} is ${describe(hand)}` };
}

/** Authors whose e-mail is nobody's here: they stand in nobody's way, so they are shown. One of each e-mail. */
export function unknownAuthors(
  people: readonly Recognised[],
  contributors: readonly Contributor[],
): readonly Contributor[] {
  const known = new Set(people.flatMap(({ emails }) => emails.map(sameAddress)));
  const seen = new Set<string>();
  return contributors.filter(({ email, handle }) => {
    if (email === undefined || handle !== undefined) return false;
    const address = sameAddress(email);
    if (known.has(address) || seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

/**
 * Names and addresses of `Co-authored-by` lines. Forges find them anywhere, not only where Git keeps trailers, and so do
 * we: one too many only asks for another approver.
 */
export function coAuthors(message: string): readonly { readonly name: string; readonly email: string }[] {
  return message.split('\n').flatMap((line) => {
    const [, name = '', email] = /^\s*co-authored-by\s*:([^<]*)<([^<>]*)>/i.exec(line) ?? [];
    return email === undefined ? [] : [{ name: name.trim(), email: email.trim() }];
  });
}

/** Domains do not tell capitals apart, and no provider people use does for what stands before the @. */
export function sameAddress(email: string): string {
  return email.trim().toLowerCase();
}

function isHandOf(person: Recognised, { handle, email }: Contributor): boolean {
  if (handle !== undefined) return handle === person.handle;
  if (email === undefined) return false;
  const address = sameAddress(email);
  return address !== '' && person.emails.some((own) => sameAddress(own) === address);
}

function describe({ as, commit }: Contributor): string {
  const what = as === 'requester' ? 'who asked for it' : `${article(as)} ${as}`;
  return commit === undefined ? what : `${what} of ${commit.slice(0, 10)}`;
}

function article(word: string): string {
  return word === 'author' ? 'an' : 'a';
}
