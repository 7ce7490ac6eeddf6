/**
 * What a route may consist of before any of it is written into the configuration of a server. Names are letters, digits and a few signs;
 * what users send (values of headers and cookies) reaches a configuration as a pattern of escapes only (`pattern.ts`).
 */
import { isIP } from 'node:net';
import { Failure } from '../../../domain/base/failure.ts';
import type { Group, Instance, Limits, Route, Side } from '../../../ports/traffic.ts';

const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const sideName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const headerName = /^[A-Za-z0-9_-]{1,100}$/;
/** A token of RFC 9110, 5.6.2. */
const cookieName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** What stands in a URL, but braces, which Caddy reads. */
const healthPath = /^\/[!#-[\]-z|~]{0,1000}$/;
const longestValue = 500;
const longestMs = 2 ** 31 - 1;
const wholeWeight = 10_000;

/** @throws Failure `traffic/refused` that names the value. */
export function requireWritable(route: Route): void {
  requirePlace(route.listen, 'the address of the environment');
  for (const side of route.sides) requireSide(side);
  const names = route.sides.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size !== names.length) refuse('the names of the sides', names);
  for (const instance of route.shadow ?? []) requirePlace(instance, 'an instance');
  for (const group of route.groups ?? []) requireGroup(group);
  if (route.sticky?.header !== undefined && !headerName.test(route.sticky.header))
    refuse('the header that names users', route.sticky.header);
  requireLimits(route.limits ?? {});
}

function requireSide({ name, weight, instances, health }: Side): void {
  if (!sideName.test(name)) refuse('the name of a side', name);
  if (!Number.isInteger(weight) || weight < 0 || weight > wholeWeight) refuse('the weight of a side', weight);
  for (const instance of instances) requirePlace(instance, 'an instance');
  if (health?.path !== undefined && !healthPath.test(health.path)) refuse('the path of the health check', health.path);
  requireLimits({ answerMs: health?.timeoutMs });
}

function requirePlace({ host, port }: Instance, what: string): void {
  if (isIP(host) === 0 && !hostName.test(host)) refuse(`the host of ${what}`, host);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(`the port of ${what}`, port);
}

function requireGroup({ side, by, name, value }: Group): void {
  if (!sideName.test(side)) refuse('the side of a group', side);
  if (by !== 'header' && by !== 'cookie') refuse('what a group is told by', by);
  if (!(by === 'header' ? headerName : cookieName).test(name)) refuse(`the ${by} of a group`, name);
  // oxlint-disable-next-line no-control-regex
  if (value !== undefined && (value === '' || value.length > longestValue || /[\u0000-\u001F\u007F]/.test(value)))
    refuse(`the value of the ${by} ${name}`, value);
}

type Times = { readonly [Name in keyof Limits]: Limits[Name] | undefined };

function requireLimits({ bodyBytes = 0, ...times }: Times): void {
  if (!Number.isSafeInteger(bodyBytes) || bodyBytes < 0) refuse('the limit of bodies', bodyBytes);
  for (const [name, time] of Object.entries(times))
    if (time !== undefined && (!Number.isInteger(time) || time < 1 || time > longestMs))
      refuse(`the limit ${name}`, time);
}

function refuse(what: string, value: unknown): never {
  throw new Failure('traffic/refused', `${what} cannot be written into a configuration: ${JSON.stringify(value)}`, {
    hint: 'Names are letters, digits, hyphens and underscores; values are short and without control characters.',
  });
}
