/** Routes: an endpoint and what answers it. */
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Transaction } from '../ports/store.ts';
import type { World } from '../engine/world.ts';
import type { DeepReadonly, Endpoint } from './contract/endpoint.ts';

/** A request that was let in and understood. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly actor: string;
}

type AskedOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Asked<
  z.output<P>,
  z.output<Q>,
  z.output<B>
>;
type AnswerOf<A extends z.ZodType> = DeepReadonly<z.input<A>>;
type AnyAsked = Asked<never, never, never>;

export type Route = QueryRoute | CommandRoute | TextRoute | StreamRoute;

/** Only looks. */
export interface QueryRoute {
  readonly kind: 'query';
  readonly endpoint: Endpoint;
  readonly look: (world: World, asked: AnyAsked) => Promise<unknown>;
}

/** Changes something, in one transaction together with the record of its idempotency key; `act` may run several times. */
export interface CommandRoute {
  readonly kind: 'command';
  readonly endpoint: Endpoint;
  readonly act: (world: World, tx: Transaction, asked: AnyAsked) => Promise<unknown>;
  /** After the commit, when the request had its effect. Must not throw. */
  readonly afterwards: (world: World, answer: never) => void;
}

/** Answers text as it stands. */
export interface TextRoute {
  readonly kind: 'text';
  readonly endpoint: Endpoint;
  readonly write: (world: World) => Promise<string>;
}

/** Keeps its connection and writes to it by itself. */
export interface StreamRoute {
  readonly kind: 'stream';
  readonly endpoint: Endpoint;
  readonly open: (world: World, asked: AnyAsked, connection: Connection) => Promise<void>;
}

export interface Connection {
  readonly outgoing: ServerResponse;
  /** Headers that every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lastEventId: string | undefined;
}

export function query<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  look: (world: World, asked: AskedOf<P, Q, B>) => Promise<AnswerOf<A>>,
): QueryRoute {
  return { kind: 'query', endpoint, look: look as QueryRoute['look'] };
}

export function command<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  act: (world: World, tx: Transaction, asked: AskedOf<P, Q, B>) => Promise<AnswerOf<A>>,
  afterwards: (world: World, answer: AnswerOf<A>) => void = () => undefined,
): CommandRoute {
  return {
    kind: 'command',
    endpoint,
    act: act as CommandRoute['act'],
    afterwards: afterwards as CommandRoute['afterwards'],
  };
}

export function stream<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  open: (world: World, asked: AskedOf<P, Q, B>, connection: Connection) => Promise<void>,
): StreamRoute {
  return { kind: 'stream', endpoint, open: open as StreamRoute['open'] };
}
