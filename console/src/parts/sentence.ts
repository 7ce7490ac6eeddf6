/** What the server says in the middle of its sentences, as one of its own. */
export function sentence(words: string): string {
  const said = words.trim();
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.!?…]$/.test(said) ? '' : '.'}`;
}
