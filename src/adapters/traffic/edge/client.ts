/**
 * undici's client alone. The index of the package loads fetch, caches, mocks and WebSockets too: 90 modules more, which a process
 * that is there for each home would hold and never use. The version is pinned, so what lies where is known.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

type Undici = typeof import('undici');

export const Client = require('undici/lib/dispatcher/client.js') as Undici['Client'];
export type Client = InstanceType<Undici['Client']>;
export const errors = require('undici/lib/core/errors.js') as Undici['errors'];
