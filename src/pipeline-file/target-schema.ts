/** How a release gets into an environment, as people write it. */
import { z } from 'zod';
import { expected, expectedEntry } from './expected.ts';
import { commandOrNothing, duration, listenHost, mapping, networkName, unquoted, url, wholeNumber } from './words.ts';

const environmentPort = z
  .union(
    [wholeNumber(1, 65_535), z.literal('none')],
    expected('a whole number from 1 to 65535, or none', { hint: unquoted }),
  )
  .exactOptional()
  .describe('Port that people reach it at; a free one when left out; none for a service that listens at none.');
const environmentHost = listenHost
  .exactOptional()
  .describe('Address that people reach it at, such as 0.0.0.0; this machine only when left out.');

export const target = z.discriminatedUnion(
  'kind',
  [
    mapping('a target', {
      kind: z.literal('process').describe('Liftlock starts the service on this machine.'),
      port: environmentPort,
      host: environmentHost,
      direct: z
        .literal(true, expected('true, or nothing'))
        .exactOptional()
        .describe(
          'The service listens at that port itself: the old one is stopped before the new one starts, and requests in between fail.',
        ),
    }),
    mapping('a target', {
      kind: z.literal('docker').describe('Liftlock runs the image of the release in containers on this machine.'),
      port: environmentPort,
      host: environmentHost,
      containerPort: wholeNumber(1, 65_535)
        .prefault(8080)
        .describe('Where the service listens inside its container; it is told in $PORT.'),
      network: networkName
        .prefault('bridge')
        .describe("A network of the engine that its containers join; host: they listen on the machine's own."),
    }),
    mapping('a target', {
      kind: z.literal('command').describe('A command deploys it anywhere.'),
      deploy: commandOrNothing.describe('Shell line that deploys; "" only records.'),
      timeout: duration('1s', '24h').prefault('10m').describe('The command is killed after this.'),
      url: url
        .exactOptional()
        .describe('Where the environment answers afterwards, for health checks, verification and people.'),
    }),
  ],
  expectedEntry('kind', ['process', 'docker', 'command'], 'target'),
);
