import type { Instance } from '../../ports/traffic.ts';

/** Host and port as one word, in URLs and configurations (RFC 3986, 3.2). */
export function authorityOf({ host, port }: Instance): string {
  return `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
