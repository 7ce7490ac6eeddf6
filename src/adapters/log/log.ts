import { pino } from 'pino';
import type { LogLevel } from '../../domain/pipeline/environment.ts';
import type { Log, LogFields } from '../../ports/log.ts';
import { loggable, withoutCredentials } from './redact.ts';

export interface LogOptions {
  readonly level: LogLevel;
  /** Gets whole lines; standard error when absent. */
  readonly destination?: { write(line: string): void };
}

/** JSON lines: `level`, `time` (ISO 8601, UTC), `message`, then the fields. Never throws; secrets are hidden (see `loggable`). */
export function createLog({ level, destination = standardError() }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {},
    },
    destination,
  );
  const at =
    (method: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(method)) logger[method](line(fields), withoutCredentials(message));
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Written at once, so that the last line before a crash is there. A closed pipe or a full disk silences the log and stops nothing else. */
function standardError(): { write(line: string): void } {
  const stream = pino.destination({ dest: 2, sync: true });
  stream.on('error', () => undefined);
  return stream;
}

/** Names that the line itself uses would appear twice; such fields get a `_` behind. */
function line(fields: LogFields): Record<string, unknown> {
  const safe = safely(fields);
  const own = ['level', 'time', 'message'];
  return Object.fromEntries(Object.entries(safe).map(([key, value]) => [own.includes(key) ? `${key}_` : key, value]));
}

function safely(fields: LogFields): Record<string, unknown> {
  try {
    return loggable({ ...fields }) as Record<string, unknown>;
  } catch (error) {
    return { unloggable: String(error) };
  }
}
