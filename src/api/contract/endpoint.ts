/** An endpoint as data: what the server validates and authorises by, the OpenAPI document is made of, and clients call. */
import { z } from 'zod';
import type { Action } from '../../domain/access/matrix.ts';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** Stable, `noun.verb`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** With `{name}` for each of `params`. */
  readonly path: `/${string}`;
  /** `public`: answered without a token. */
  readonly permission: Action | 'public';
  /** Answered without a token to callers on the same machine. */
  readonly publicOnLoopback: boolean;
  /** The answer holds a secret that is told once: it is not kept for a request that is repeated. */
  readonly secret: boolean;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
  readonly status: 200 | 202 | 303;
  /** Media type of the answer. */
  readonly media: string;
  /** The request's body is bytes as they are, at most this many, instead of JSON. */
  readonly mostBytes: number | undefined;
}

export type Nothing = z.ZodObject<Record<never, never>, z.core.$strict>;
const nothing: Nothing = z.strictObject({});

interface Declaration<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  readonly permission: Action | 'public';
  readonly publicOnLoopback?: true;
  readonly secret?: true;
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  /** 202 when more happens after the answer, 303 when it is elsewhere. */
  readonly status?: 200 | 202 | 303;
  readonly media?: string;
  readonly mostBytes?: number;
}

export function endpoint<
  Answer extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(declaration: Declaration<Params, Query, Body, Answer>): Endpoint<Params, Query, Body, Answer> {
  return {
    params: nothing as unknown as Params,
    query: nothing as unknown as Query,
    body: nothing as unknown as Body,
    status: 200,
    media: 'application/json',
    publicOnLoopback: false,
    secret: false,
    mostBytes: undefined,
    ...declaration,
  };
}

/** What a handler may answer, and what a client gets. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
