/** What options and arguments may say, checked before anything is asked. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../domain/base/time.ts';

export function whole(text: string): string {
  if (/^[1-9]\d{0,8}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

export function port(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new InvalidArgumentError('It must be a whole number up to 65535.');
}

export function planHash(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the plan that `liftlock plan` shows, sha256:...');
}

export function duration(text: string): string {
  if (parseDuration(text) !== undefined) return text;
  throw new InvalidArgumentError('It must be a length of time such as 90s, 10m or 1h.');
}

export function exitCode(text: string): string {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return text;
  throw new InvalidArgumentError('It must be a whole number from 0 to 255.');
}
