const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before it answered',
  EPIPE: 'the connection was closed before it answered',
  ENOTFOUND: 'nobody knows this host name',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no way to this host',
  ENETUNREACH: 'no way to this host',
  ETIMEDOUT: 'the host did not accept the connection in time',
  EPROTO: 'it does not speak TLS there',
  EMFILE: 'Liftlock has too many files open',
};

/** What a person makes of an error of Node's HTTP client; never holds the address, which may hold credentials. */
export function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code in reasons) return reasons[code] ?? '';
  if (code.startsWith('HPE_')) return `what answered does not speak HTTP (${code})`;
  if (code.includes('CERT') || code.startsWith('ERR_TLS') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return `its certificate is not trusted (${code})`;
  }
  if (code.startsWith('ERR_SSL')) return `no secure connection (${code})`;
  return code === '' ? 'the request failed' : `the request failed (${code})`;
}

/** Out of descriptors, memory or ports: it says nothing about whoever was to be asked. */
export function isOurs(error: Error): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
}
