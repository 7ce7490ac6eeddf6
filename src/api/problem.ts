/** Failures as RFC 9457 problems. */
import { failureCatalog, type Failure } from '../domain/base/failure.ts';
import type { Problem } from './contract/problem.ts';
import { detailsOf } from './input.ts';

/** What is unexpected stays inside: outside it is a request id under which the log tells more. */
export function toProblem(failure: Failure, requestId: string): Problem {
  const { http } = failureCatalog[failure.code];
  const common = {
    type: `urn:liftlock:problem:${failure.code.replace('/', ':')}`,
    title: titleOf(failure.code),
    status: http,
    code: failure.code,
  };
  if (failure.code === 'unexpected/error') {
    return {
      ...common,
      detail: 'something went wrong inside Liftlock',
      hint: `The log of the server tells more about request ${requestId}.`,
      request_id: requestId,
    };
  }
  const problems = detailsOf(failure);
  return {
    ...common,
    detail: failure.message,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    request_id: requestId,
    ...(problems === undefined ? {} : { problems: [...problems] }),
  };
}

/** `promotion/refused` reads `Promotion refused`. */
function titleOf(code: string): string {
  const words = code.replaceAll(/[/-]/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
