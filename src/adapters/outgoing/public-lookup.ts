/** Resolves names to public addresses only, for whoever connects: what was checked is what is connected to. */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublic } from './public-address.ts';

/** One address that is not public spoils the name: a name with two would be tried until the inner one answers. `refuse` makes the error. */
export function publicLookup(refuse: (because: string) => Error): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '');
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublic(address)))
        return done(refuse(`${name} is an address of this network`), '');
      if (options.all === true) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}
