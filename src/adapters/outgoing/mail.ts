/** Letters by SMTP. As with `createOutgoing`, the address that is connected to is the one that was checked. */
import { connect, isIP, type Socket } from 'node:net';
import { Failure } from '../../domain/base/failure.ts';
import type { Letter, Mail, MailServer } from '../../ports/mail.ts';
import type { OutgoingOptions } from './outgoing.ts';
import { isPublic } from './public-address.ts';
import { publicLookup } from './public-lookup.ts';

export function createMail({ allowHosts }: OutgoingOptions): Mail {
  const allowed = new Set(allowHosts.map((host) => host.toLowerCase()));
  return {
    async send(letter, server) {
      const trusted = allowed.has(`${server.host}:${server.port}`.toLowerCase());
      if (server.security === 'none' && !trusted) throw refusedAddress(server, 'letters go there through TLS only');
      if (!trusted && isIP(server.host) !== 0 && !isPublic(server.host))
        throw refusedAddress(server, 'its address is not public');
      if ([letter.from, ...letter.to].some((address) => !isAddress(address)))
        throw new Failure('mail/refused', 'one of the addresses is not one');
      await deliver(letter, server, trusted);
    },
  };
}

/** Loaded with the first letter: most installations send none, and it holds 13 MB. */
const library = () => import('nodemailer');

async function deliver(letter: Letter, server: MailServer, trusted: boolean): Promise<void> {
  const { createTransport } = await library();
  const deadline = AbortSignal.timeout(server.timeoutMs);
  const signal = server.signal === undefined ? deadline : AbortSignal.any([deadline, server.signal]);
  const socket = await connected(server, { trusted, signal });
  const cut = (): void => void socket.destroy(new Error(deadline.aborted ? 'it took too long' : 'we stopped'));
  signal.addEventListener('abort', cut, { once: true });
  try {
    const told = await createTransport({
      host: server.host,
      port: server.port,
      secure: server.security === 'tls',
      requireTLS: server.security === 'starttls',
      ignoreTLS: server.security === 'none',
      tls: { minVersion: 'TLSv1.2', ...(isIP(server.host) === 0 ? { servername: server.host } : {}) },
      // Nothing that a text says is read from a file or fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
      greetingTimeout: server.timeoutMs,
      socketTimeout: server.timeoutMs,
      getSocket: (_, done) => done(null, { connection: socket }),
      ...(server.login === undefined ? {} : { auth: { user: server.login.user, pass: server.login.password } }),
    }).sendMail({
      from: letter.from,
      to: [...letter.to],
      envelope: { from: letter.from, to: [...letter.to] },
      subject: letter.subject,
      text: letter.text,
      messageId: `<${letter.messageId}@${letter.from.slice(letter.from.lastIndexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(letter.urgent ? { priority: 'high' as const } : {}),
    });
    const left = told.rejected.length;
    if (left > 0)
      throw answered(server, {
        because: `${left} of ${letter.to.length} addresses were not taken`,
        status: Math.min(...(told.rejectedErrors ?? []).map(({ responseCode }) => responseCode ?? 400)),
      });
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { responseCode, message } = error as { responseCode?: number; message?: string };
    const because = deadline.aborted ? 'it took too long' : (message ?? String(error));
    throw answered(server, { because, status: responseCode, cause: error });
  } finally {
    signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}

function connected(
  server: MailServer,
  { trusted, signal }: { trusted: boolean; signal: AbortSignal },
): Promise<Socket> {
  const { host, port } = server;
  const lookup = trusted ? undefined : publicLookup((because) => refusedAddress(server, because));
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(lookup === undefined ? {} : { lookup }) });
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', cut);
      reject(error instanceof Failure ? error : answered(server, { because: error.message, cause: error }));
    };
    const cut = (): void => void socket.destroy(new Error('it took too long'));
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', cut);
      socket.off('error', fail);
      // Whoever uses it listens too; an error between the two must not end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** One address as it stands in an envelope, without a name, a list or anything that could begin another header. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{Cc}<>()[\],;:"\\@]+@[^\s\p{Cc}<>()[\],;:"\\@]+$/u.test(text);
}

function refusedAddress({ host, port }: MailServer, because: string): Failure {
  return new Failure('outgoing/refused', `${host}:${port} is not asked: ${because}`, {
    reason: 'ADDRESS_NOT_ALLOWED',
    hint: `the operator allows a host inside with LIFTLOCK_ALLOW_HOSTS=${host}:${port}`,
  });
}

/** What SMTP answers with 5xx stays so (RFC 5321, 4.2.1); everything else may pass. */
function answered(
  { host, port }: MailServer,
  { because, status, cause }: { because: string; status?: number | undefined; cause?: unknown },
): Failure {
  const lasting = status !== undefined && status >= 500 && status <= 599;
  return new Failure(lasting ? 'mail/refused' : 'mail/failed', `${host}:${port} did not take the letter: ${because}`, {
    cause,
  });
}
