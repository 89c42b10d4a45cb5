import ipaddr from 'ipaddr.js';

/** Addresses that registries call public and that are not: Azure's platform answers its machines there. */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** All of IPv6 that is given to anybody to be reached at; everything else is reserved, local or a way into IPv4. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address, as a resolver answers it, is one on the public internet. Not so are private, loopback, link-local
 * (which is where clouds keep their metadata), shared (CGNAT), multicast, reserved and documentation addresses, those with a
 * zone, and IPv6 addresses that carry an IPv4 one (mapped, NAT64, 6to4, Teredo), whatever that one is. What is no
 * address is not public.
 */
export function isPublicAddress(text: string): boolean {
  if (text.includes('%') || !ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast' || PLATFORM_ADDRESSES.has(address.toString())) return false;
  return address instanceof ipaddr.IPv4 || (address as ipaddr.IPv6).match(GLOBAL_IPV6);
}
