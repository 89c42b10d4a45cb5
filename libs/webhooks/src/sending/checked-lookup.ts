import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { TargetRefusedError } from './attempt-failure.js';

export type ResolveName = typeof lookup;

/**
 * A `lookup` for sockets that resolves a name once, refuses it when any of its addresses is not allowed, and hands exactly
 * the checked ones to the socket: between check and connection no name is resolved again, so none can change its mind.
 */
export function checkedLookup(isAllowed: (address: string) => boolean, resolve: ResolveName = lookup): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname, { all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || first === undefined) return callback(error ?? noAddress(), '');
      if (!addresses.every(({ address }) => isAllowed(address))) return callback(new TargetRefusedError(), '');
      if (all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function noAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('No address'), { code: 'ENOTFOUND' });
}
