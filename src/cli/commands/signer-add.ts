import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SignerView } from '../../api/contract/trust.ts';
import { Failure } from '../../domain/base/failure.ts';
import { parseDuration } from '../../domain/base/time.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const [owner, file] = invocation.arguments;
  const { options, output, directory } = invocation;
  const text = await readFile(resolve(directory, file!), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure('input/invalid', `${file} cannot be read: ${error.message}`, {
      hint: 'a .pub file, an allowed_signers file, or the output of gpg --armor --export',
    });
  });
  const client = await connect(invocation);
  const answer = await client.post<{ signers: readonly SignerView[] }>('/api/v1/signers', {
    owner,
    platform: options['platform'] === true,
    text,
    ...(typeof options['expires'] === 'string' ? { expiresAt: endOf(options['expires']) } : {}),
  });
  output.answer(answer, () => answer.signers.map(sentence).join('\n'));
  return 0;
};

function sentence({ fingerprint, algorithm, owner, platform, expiresAt }: SignerView): string {
  const until = expiresAt === null ? '' : `, until ${new Date(expiresAt).toISOString()}`;
  const means = platform
    ? 'it says what the platform made, and nothing about people'
    : 'what it may sign follows from the roles of its owner';
  return `${fingerprint} (${algorithm}) is a key of ${owner}${until}; ${means}`;
}

function endOf(text: string): number {
  const length = parseDuration(text);
  const at = length === undefined ? Date.parse(text) : Date.now() + length;
  if (Number.isNaN(at) || at <= Date.now())
    throw new Failure('input/invalid', `${text} is no time to come`, { hint: 'for example 2027-01-31 or 52w' });
  return at;
}
