/** Routes: an endpoint and what answers it. */
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { ProjectId } from '../domain/base/id.ts';
import type { Transaction } from '../ports/store.ts';
import type { Caller } from '../engine/access/identify.ts';
import type { World } from '../engine/world.ts';
import type { DeepReadonly, Endpoint, Nothing } from './contract/endpoint.ts';
import type { FindSubject } from './subject.ts';
import type { Visit } from './visit.ts';

/** For lists and streams across projects: what the caller may see of them. */
export type Visible = 'every' | readonly ProjectId[];

/** A request that was let in and understood. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** Of `caller`: the name under which everything is recorded. */
  readonly actor: string;
  /** Of meaning for routes that are about several projects. */
  readonly visible: Visible;
}

type AskedOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Asked<
  z.output<P>,
  z.output<Q>,
  z.output<B>
>;
type AnswerOf<A extends z.ZodType> = DeepReadonly<z.input<A>>;
type AnyAsked = Asked<never, never, never>;

export type Route = (QueryRoute | CommandRoute | SignedRoute | TextRoute | BytesRoute | StreamRoute | DirectRoute) & {
  /** What the request is about; what its address says when absent. */
  readonly about?: FindSubject;
};

/** The route, judged by what `about` finds instead of by its address. */
export function judgedBy(about: FindSubject, route: Route): Route {
  return { ...route, about };
}

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
  /** Of uploads: what takes long, before the transaction; `act` gets the answer as `prepared`. */
  readonly prepare?: (world: World, asked: AnyAsked & { readonly content: Uint8Array }) => Promise<unknown>;
  /** After the commit, when the request had its effect. Must not throw. */
  readonly afterwards: (world: World, answer: never) => void;
}

/** A body that its sender has signed: verified as it came, before anything of it is understood. */
export interface SignedRoute {
  readonly kind: 'signed';
  readonly endpoint: Endpoint;
  readonly receive: (world: World, asked: AnyAsked, sent: Sent) => Promise<unknown>;
}

export interface Sent {
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Answers bytes as they were stored, to be saved and never to be shown by a browser. */
export interface BytesRoute {
  readonly kind: 'bytes';
  readonly endpoint: Endpoint;
  readonly fetch: (world: World, asked: AnyAsked) => Promise<Uint8Array>;
}

/** Answers text as it stands. */
export interface TextRoute {
  readonly kind: 'text';
  readonly endpoint: Endpoint;
  readonly write: (world: World) => Promise<string>;
}

/** Answers a browser with headers of its own: cookies, pages, the way to somewhere else. Its change is a transaction of its own. */
export interface DirectRoute {
  readonly kind: 'direct';
  readonly endpoint: Endpoint;
  readonly answer: (world: World, asked: AnyAsked & { readonly visit: Visit }) => Promise<DirectAnswer>;
}

export interface DirectAnswer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the endpoint says when absent. */
  readonly status?: number;
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
  /** What the caller may see now, judged anew; `undefined` when he may no longer follow. */
  readonly stillVisible: () => Promise<Visible | undefined>;
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

export function signed<P extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, z.ZodType, z.ZodType, A>,
  receive: (world: World, asked: AskedOf<P, z.ZodType, z.ZodType>, sent: Sent) => Promise<AnswerOf<A>>,
): SignedRoute {
  return { kind: 'signed', endpoint, receive: receive as SignedRoute['receive'] };
}

export function direct<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  answer: (world: World, asked: AskedOf<P, Q, B> & { readonly visit: Visit }) => Promise<DirectAnswer>,
): DirectRoute {
  return { kind: 'direct', endpoint, answer: answer as DirectRoute['answer'] };
}

/** A command whose body is bytes (`mostBytes` of its endpoint). */
export function upload<P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType, Prepared>(
  endpoint: Endpoint<P, Q, z.ZodType, A>,
  prepare: (world: World, asked: AskedOf<P, Q, Nothing> & { readonly content: Uint8Array }) => Promise<Prepared>,
  act: (
    world: World,
    tx: Transaction,
    asked: AskedOf<P, Q, Nothing> & { readonly prepared: Prepared },
  ) => Promise<AnswerOf<A>>,
): CommandRoute {
  return {
    kind: 'command',
    endpoint,
    prepare: prepare as CommandRoute['prepare'] & object,
    act: act as unknown as CommandRoute['act'],
    afterwards: () => undefined,
  };
}

export function bytes<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  fetch: (world: World, asked: AskedOf<P, Q, B>) => Promise<Uint8Array>,
): BytesRoute {
  return { kind: 'bytes', endpoint, fetch: fetch as BytesRoute['fetch'] };
}

export function stream<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, A>,
  open: (world: World, asked: AskedOf<P, Q, B>, connection: Connection) => Promise<void>,
): StreamRoute {
  return { kind: 'stream', endpoint, open: open as StreamRoute['open'] };
}
