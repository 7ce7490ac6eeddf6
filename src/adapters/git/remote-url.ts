/** Where a repository is, with its credentials taken apart: they reach Git through its environment only. */
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../domain/base/failure.ts';

export interface RemoteUrl {
  /** What Git is given; without the user and password of an HTTP URL. */
  readonly url: string;
  /** What people are shown. */
  readonly shown: string;
  /** Set for repositories on this machine. */
  readonly localPath?: string;
  readonly credentials?: Credentials;
  /** Removes everything secret from a text. */
  redact(text: string): string;
}

export interface Credentials {
  /** Scheme, host and port they are for. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
}

const schemes: ReadonlySet<string> = new Set(['http:', 'https:', 'ssh:', 'file:']);

/** @throws Failure `source/invalid` for anything but an absolute path, `host:path`, or an http, https, ssh or file URL. */
export function readRemoteUrl(text: string): RemoteUrl {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === '' || text.startsWith('-') || /[\u0000-\u001f\u007f]/.test(text)) throw invalid(text);
  if (isAbsolute(text)) return { url: text, shown: text, localPath: text, redact: withoutUserinfo };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readFullUrl(text);
  if (/^(?:[\w.-]+@)?(?:[\w.-]+|\[[0-9a-f:.]+\]):(?!:).+$/i.test(text))
    return { url: text, shown: text, redact: withoutUserinfo };
  throw invalid(text);
}

function readFullUrl(text: string): RemoteUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !schemes.has(url.protocol)) throw invalid(text);
  if (url.protocol === 'file:') return { url: text, shown: text, localPath: pathOf(url), redact: withoutUserinfo };
  const shown = shownForm(url);
  const secrets = secretsOf(url);
  const redact = (said: string) =>
    withoutUserinfo(secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), said));
  if (url.protocol === 'ssh:' || (url.username === '' && url.password === '')) return { url: text, shown, redact };
  const credentials = readCredentials(url, text);
  url.username = '';
  url.password = '';
  return { url: url.href, shown, credentials, redact };
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid(url.href);
  }
}

function readCredentials(url: URL, text: string): Credentials {
  const [username, password] = [decoded(url.username), decoded(url.password)];
  // A line break would let a user name speak to Git's credential protocol.
  if (username === undefined || password === undefined || /[\n\r\0]/.test(username + password)) throw invalid(text);
  return { origin: url.origin, username, password };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** No user, password, query or fragment: tokens have been seen in all of them. */
function shownForm(url: URL): string {
  const copy = new URL(url);
  if (copy.protocol !== 'ssh:') copy.username = '';
  copy.password = '';
  copy.search = '';
  copy.hash = '';
  return copy.href;
}

function secretsOf(url: URL): readonly string[] {
  const user = url.protocol === 'ssh:' ? '' : url.username;
  const parts = [url.password, user, ...url.searchParams.values()].flatMap((part) => [part, decoded(part) ?? '']);
  // Very short ones would blank out ordinary words; they never appear outside the URL's own user part.
  return [...new Set(parts)].filter((part) => part.length > 3).sort((left, right) => right.length - left.length);
}

function withoutUserinfo(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^/\s']*@/g, '$1');
}

function invalid(text: string): Failure {
  return new Failure(
    'source/invalid',
    `${JSON.stringify(withoutUserinfo(text))} is not a repository address Liftlock can use`,
    {
      hint: 'Give an absolute path, host:path, or an https, http, ssh or file URL.',
    },
  );
}
