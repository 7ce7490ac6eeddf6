/**
 * To whom a request goes, looked up in files for each one (`shares.ts`): where all go to one release, its seat and its address are in the
 * name of the file that says what is in force; else the place of who asks is looked for on each side.
 */
import type { Group, Route } from '../../../ports/traffic.ts';
import { cookiePattern, literal } from '../program/pattern.ts';
import type { Kept } from '../program/kept.ts';
import { hexDigits, placeDigits } from '../program/places.ts';
import { atName, byPosition, divided, groupShare, inForceName, usersShare } from '../program/shares.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A release that sits here comes and goes without a load, which would cut off clients and end WebSockets. */
export const seatsInCaddy = [1, 2, 3, 4, 5, 6, 7, 8] as const;
/** Of sides, for which places are looked up; a route of more of them has more. */
const usualPositions = 3;

/** What the last name that was found says. */
export const chosen = { seat: '{http.regexp.liftlock.1}', side: '{http.regexp.liftlock.2}' } as const;
const address = '{http.regexp.liftlock.3}';
const shares = '{http.regexp.liftlock.4}';
const part = '([^@/]*)';
const readName: Json = {
  handler: 'subroute',
  routes: [
    {
      match: [
        {
          vars_regexp: {
            '{http.matchers.file.relative}': { name: 'liftlock', pattern: `^/?${part}@${part}@${part}(?:@${part})?$` },
          },
        },
      ],
    },
  ],
};

/** All that is looked up for a request is of one division. What is renamed while it is looked up is looked up again. */
export function division(kept: Kept): Json {
  return { match: [{ file: { root: inForceName(kept), try_files: ['/*', '/*', '/*'] } }], handle: [readName] };
}

/** A seat has its own variable, so that Caddy tells by its name what is under way there. */
export function seated(seat: number): Json {
  return { handler: 'vars', [seatName(seat)]: address };
}

export function seatAddress(seat: number): string {
  return `{http.vars.${seatName(seat)}}`;
}

function seatName(seat: number): string {
  return `liftlock_address_${seat}`;
}

export const place = '{http.vars.liftlock_place}';
const places = ['/{liftlock.place_1}', '/{liftlock.place_2}', `/${place}`];

/** The first of these that matches decides; the others of the group are passed over. */
export function choices({ sides, groups = [] }: Route): Json[] {
  const positions = Array.from({ length: Math.max(usualPositions, sides.length) }, (_, index) => index + 1);
  return [
    ...groups.map((group, index) =>
      choice(
        [{ header_regexp: groupPattern(group), ...whereIs(groupShare(index)) }],
        [lookUp(whereIs(groupShare(index)))],
      ),
    ),
    {
      match: [{ vars: { [chosen.seat]: [divided] } }],
      handle: [
        {
          handler: 'subroute',
          routes: positions
            .toReversed()
            .map((position) =>
              choice(
                [{ file: { root: `${shares}/${byPosition(position)}`, try_files: places } }],
                [lookUp(whereIs(byPosition(position)))],
              ),
            ),
        },
      ],
    },
  ];
}

function choice(match: readonly Json[], handle: readonly Json[]): Json {
  return { group: 'liftlock_side', match, handle };
}

/** Does not match while the side is not there. */
function whereIs(side: string): Json {
  return { file: { root: `${shares}/${side}/${atName}`, try_files: ['/*'] } };
}

function lookUp(match: Json): Json {
  return { handler: 'subroute', routes: [{ match: [match], handle: [readName] }] };
}

function isInForce(share: string): Json {
  return { file: { root: shares, try_files: [`/${share}`] } };
}

/** So users begin and cease to stay on their side without a load. */
export function ifUsersStay(routes: readonly Json[]): Json {
  return { match: [isInForce(usersShare)], handle: [{ handler: 'subroute', routes }] };
}

function groupPattern({ by, name, value }: Group): Json {
  if (by === 'cookie') return { Cookie: { pattern: cookiePattern(name, value, 'characters') } };
  return { [name]: { pattern: value === undefined ? '.' : `^${literal(value, 'characters')}$` } };
}

/** A place for whoever asks, by chance. */
export const byChance: Json = {
  handle: [
    digitsOf('{http.request.uuid}', ['{liftlock.new}'], ['${1}${2}${3}']),
    { handler: 'vars', liftlock_place: '{liftlock.new}' },
    digitsOf(place, ['{liftlock.place_1}', '{liftlock.place_2}'], ['${1}', '${1}${2}']),
  ],
};

/** Maps are looked up where they are asked for: after the place was changed they say something else. */
export function digitsOf(source: string, destinations: readonly string[], outputs: readonly string[]): Json {
  const digit = `([${hexDigits.join('')}])`;
  const pattern = `^${digit.repeat(placeDigits)}.*$`;
  return {
    handler: 'map',
    source,
    destinations,
    mappings: [{ input_regexp: pattern, outputs }],
    defaults: destinations.map(() => 'none'),
  };
}
