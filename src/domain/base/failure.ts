/**
 * What went wrong, in a form every edge can show: the command line, the API, the log.
 *
 * `code` is stable and reads `noun/problem`; `message` says what happened, with names; `hint` says
 * what to do now. Expected outcomes (a gate that is closed, a test that failed) are data, not failures.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly hint: string | undefined;
  /** Which of several grounds for the same code, in capitals: `NOT_FOR_THIS_KIND`. Stable, for programs. */
  readonly reason: string | undefined;

  constructor(code: FailureCode, message: string, options: { hint?: string; cause?: unknown; reason?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.reason = options.reason;
  }
}

export interface FailureKind {
  /** HTTP status of the problem document. */
  readonly http: number;
  /** Exit code of the command line: 1 unexpected, 2 usage, 3 refused by policy, 4 not allowed, 5 deployment failed, 7 gave up waiting. */
  readonly exit: number;
  /** True when the same request may succeed later without anybody changing anything. */
  readonly retry: boolean;
}

/** Every failure Liftlock can answer with. One place decides status, exit code and whether to retry. */
export const failureCatalog = {
  'input/invalid': { http: 400, exit: 2, retry: false },
  'input/too-large': { http: 413, exit: 2, retry: false },
  'pipeline/invalid': { http: 422, exit: 2, retry: false },
  'pipeline/missing': { http: 404, exit: 2, retry: false },
  'project/unknown': { http: 404, exit: 2, retry: false },
  'project/exists': { http: 409, exit: 2, retry: false },
  'environment/unknown': { http: 404, exit: 2, retry: false },
  'environment/in-force': { http: 409, exit: 3, retry: false },
  'webhook/unknown': { http: 404, exit: 2, retry: false },
  'webhook/refused': { http: 409, exit: 3, retry: false },
  'channel/unknown': { http: 404, exit: 2, retry: false },
  'channel/exists': { http: 409, exit: 3, retry: false },
  'channel/refused': { http: 409, exit: 3, retry: false },
  'notification/unknown': { http: 404, exit: 2, retry: false },
  'notification/refused': { http: 409, exit: 3, retry: false },
  'mail/refused': { http: 422, exit: 3, retry: false },
  'mail/failed': { http: 502, exit: 1, retry: true },
  'release/unknown': { http: 404, exit: 2, retry: false },
  'release/ambiguous': { http: 409, exit: 2, retry: false },
  'release/not-built': { http: 409, exit: 3, retry: true },
  'promotion/unknown': { http: 404, exit: 2, retry: false },
  'promotion/ended': { http: 409, exit: 3, retry: false },
  'promotion/refused': { http: 409, exit: 3, retry: false },
  'rollout/none': { http: 409, exit: 2, retry: false },
  'rollout/refused': { http: 409, exit: 3, retry: false },
  'approval/stale': { http: 409, exit: 3, retry: false },
  'approval/refused': { http: 409, exit: 3, retry: false },
  'approval/not-ready': { http: 503, exit: 3, retry: true },
  'passkey/unknown': { http: 404, exit: 2, retry: false },
  'passkey/refused': { http: 409, exit: 3, retry: false },
  'break-glass/unknown': { http: 404, exit: 2, retry: false },
  'break-glass/refused': { http: 409, exit: 3, retry: false },
  'follow-up/unknown': { http: 404, exit: 2, retry: false },
  'sign-off/refused': { http: 409, exit: 3, retry: false },
  'gate/unanswered': { http: 502, exit: 1, retry: true },
  'rollback/no-target': { http: 409, exit: 3, retry: false },
  'rollback/refused': { http: 409, exit: 3, retry: false },
  'freeze/unknown': { http: 404, exit: 2, retry: false },
  'hold/absent': { http: 409, exit: 2, retry: false },
  'person/unknown': { http: 404, exit: 2, retry: false },
  'person/exists': { http: 409, exit: 2, retry: false },
  'grant/unknown': { http: 404, exit: 2, retry: false },
  'grant/refused': { http: 409, exit: 3, retry: false },
  'token/unknown': { http: 404, exit: 2, retry: false },
  'session/unknown': { http: 404, exit: 2, retry: false },
  'token/refused': { http: 409, exit: 3, retry: false },
  'outgoing/refused': { http: 422, exit: 3, retry: false },
  'outgoing/failed': { http: 502, exit: 1, retry: true },
  'source/unreachable': { http: 502, exit: 1, retry: true },
  'source/invalid': { http: 422, exit: 2, retry: false },
  'source/not-rewound': { http: 409, exit: 3, retry: false },
  'signer/unknown': { http: 404, exit: 2, retry: false },
  'signer/exists': { http: 409, exit: 3, retry: false },
  'commit/not-accepted': { http: 409, exit: 3, retry: false },
  'ref/unknown': { http: 404, exit: 2, retry: false },
  'source/unknown-commit': { http: 404, exit: 2, retry: false },
  'build/failed': { http: 409, exit: 5, retry: false },
  'artifact/corrupt': { http: 500, exit: 1, retry: false },
  'artifact/missing': { http: 500, exit: 1, retry: false },
  'artifact/invalid': { http: 422, exit: 2, retry: false },
  'artifact/unwritable': { http: 507, exit: 1, retry: true },
  'openpgp/unavailable': { http: 501, exit: 1, retry: false },
  'process/lost': { http: 500, exit: 1, retry: false },
  'process/refused': { http: 500, exit: 1, retry: false },
  'target/unsupported': { http: 422, exit: 2, retry: false },
  'target/failed': { http: 502, exit: 5, retry: false },
  'docker/unreachable': { http: 502, exit: 1, retry: true },
  'docker/refused': { http: 502, exit: 5, retry: false },
  'docker/disk-full': { http: 507, exit: 1, retry: true },
  'image/missing': { http: 500, exit: 1, retry: false },
  'image/invalid': { http: 422, exit: 2, retry: false },
  'traffic/unreachable': { http: 502, exit: 1, retry: true },
  'traffic/not-kept': { http: 507, exit: 1, retry: true },
  'traffic/address-lost': { http: 502, exit: 5, retry: true },
  'traffic/refused': { http: 409, exit: 2, retry: false },
  'evidence/unknown': { http: 404, exit: 2, retry: false },
  'evidence/unreadable': { http: 422, exit: 2, retry: false },
  'evidence/refused': { http: 422, exit: 3, retry: false },
  'evidence/content-missing': { http: 404, exit: 1, retry: false },
  'evidence/content-corrupt': { http: 500, exit: 1, retry: false },
  'evidence/unknown-signer': { http: 404, exit: 2, retry: false },
  'secret/missing': { http: 422, exit: 2, retry: false },
  'database/unreachable': { http: 503, exit: 1, retry: true },
  'database/failed': { http: 500, exit: 1, retry: true },
  'database/unsupported': { http: 500, exit: 2, retry: false },
  'server/unreachable': { http: 503, exit: 1, retry: true },
  'server/port-taken': { http: 500, exit: 2, retry: false },
  'server/already-running': { http: 409, exit: 2, retry: false },
  'lease/lost': { http: 409, exit: 1, retry: true },
  'audit/unreadable': { http: 422, exit: 2, retry: false },
  'audit/unknown': { http: 404, exit: 2, retry: false },
  'audit/inconsistent': { http: 500, exit: 3, retry: false },
  'request/unauthenticated': { http: 401, exit: 4, retry: false },
  'request/forbidden': { http: 403, exit: 4, retry: false },
  'request/not-found': { http: 404, exit: 2, retry: false },
  'request/method-not-allowed': { http: 405, exit: 2, retry: false },
  'request/conflict': { http: 409, exit: 3, retry: false },
  'request/idempotency-mismatch': { http: 422, exit: 2, retry: false },
  'request/precondition-failed': { http: 412, exit: 3, retry: false },
  'wait/gave-up': { http: 504, exit: 7, retry: true },
  'unexpected/error': { http: 500, exit: 1, retry: false },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof failureCatalog;

/** The failure inside any thrown thing; anything that is not one becomes `unexpected/error`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('unexpected/error', message, { cause: thrown });
}
