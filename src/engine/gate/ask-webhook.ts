/**
 * A question of the project's own, asked by HTTP: a POST signed as Standard Webhooks has it (standardwebhooks.com: HMAC-SHA-256
 * over id, time and body), answered by a small JSON document.
 */
import { Failure } from '../../domain/base/failure.ts';
import type { CustomGateSpec } from '../../domain/pipeline/gate-spec.ts';
import type { Asked, Reply } from './ask-outside.ts';
import { standardHeaders } from '../notification/standard-signature.ts';
import type { World } from '../world.ts';

const mostBytes = 64 * 1024;
const mostSaid = 300;

type WebhookGate = CustomGateSpec & { readonly webhook: string; readonly secret: string };

export async function askWebhook(
  world: World,
  asked: Asked & { readonly gate: WebhookGate },
  signal: AbortSignal,
): Promise<Reply> {
  const { gate, check, project, environment } = asked;
  const secret = await world.secrets.read({ project: project.name, environment: environment.spec.name }, gate.secret);
  if (secret === undefined)
    throw new Failure('secret/missing', `the secret ${gate.secret}, which signs the question, is not there`, {
      hint: `liftlock secret set ${gate.secret}`,
    });
  // The same id at every attempt: who answers may tell a repetition.
  const id = check.id;
  const seconds = Math.floor(world.clock.now() / 1000);
  const body = JSON.stringify(question(asked));
  const answer = await world.outgoing.request({
    url: gate.webhook,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...standardHeaders(secret, { id, seconds, body }),
    },
    body,
    timeoutMs: gate.timeout,
    mostBytes,
    signal,
  });
  if (answer.status < 200 || answer.status > 299)
    throw new Failure('gate/unanswered', `${new URL(gate.webhook).host} answered with status ${answer.status}`);
  return readReply(new TextDecoder().decode(answer.body));
}

function question({ check, gate, project, environment, release }: Asked & { readonly gate: WebhookGate }) {
  const [promotion = '', plan = ''] = check.subject.split(' ');
  return {
    type: 'gate.asked',
    timestamp: new Date(check.askedAt).toISOString(),
    data: {
      gate: gate.name,
      project: project.name,
      environment: environment.spec.name,
      promotion,
      plan,
      release: {
        id: release.id,
        number: release.number,
        commit: release.content.commit,
        artifact: release.content.artifact,
        title: release.content.title,
      },
    },
  };
}

const answers = ['open', 'waiting', 'closed'] as const;

/** @throws Failure `gate/unanswered` for anything but `{ "answer": …, "because"?: … }`: what is not understood opens nothing. */
function readReply(text: string): Reply {
  const parsed = parse(text);
  const answer = answers.find((word) => word === parsed['answer']);
  if (answer === undefined)
    throw new Failure('gate/unanswered', 'the answer is not { "answer": "open" | "waiting" | "closed" }');
  const because = typeof parsed['because'] === 'string' ? parsed['because'].trim().slice(0, mostSaid) : '';
  return { replied: true, answer, because: because === '' ? `answered ${answer}` : because };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
