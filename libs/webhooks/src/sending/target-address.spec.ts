import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './target-address.js';

describe('which addresses may be connected to', () => {
  test.each([
    ['the public internet', '8.8.8.8'],
    ['the public internet', '93.184.216.34'],
    ['just below a private block', '172.15.255.255'],
    ['just above a private block', '172.32.0.0'],
    ['just below the shared block', '100.63.255.255'],
    ['just above the shared block', '100.128.0.0'],
    ['IPv6', '2606:4700:4700::1111'],
    ['IPv6', '2a00:1450:4001:80e::200e'],
  ])('%s is reached: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local', '169.254.0.1'],
    ['metadata of clouds', '169.254.169.254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ["Azure's platform", '168.63.129.16'],
    ['shared (CGNAT)', '100.64.0.1'],
    ['shared (CGNAT)', '100.127.255.255'],
    ['benchmarks', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relays', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback, written out', '0:0:0:0:0:0:0:1'],
    ['IPv4 in IPv6', '::127.0.0.1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hex', '::ffff:7f00:1'],
    ['mapped, though public', '::ffff:8.8.8.8'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::127.0.0.1'],
    ['NAT64, though public', '64:ff9b::808:808'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['Teredo', '2001::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['unique local', 'fc00::1'],
    ['metadata of Amazon', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['discard', '100::1'],
    ['segment routing', '5f00::1'],
    ['given to nobody', '4000::1'],
    ['given to nobody', '1::1'],
    ['with a zone', 'fe80::1%eth0'],
    ['public, but with a zone', '2606:4700::1111%2'],
    ['no address', 'localhost'],
    ['no address', ''],
    ['no address', '10.0.0.1/8'],
  ])('%s is not: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test('no way of carrying an IPv4 address in an IPv6 one leads anywhere', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::', '64:ff9b:1::'), (address, prefix) => {
        expect(isPublicAddress(`${prefix}${address}`)).toBe(false);
      }),
    );
  });

  test('every private IPv4 address is refused, whichever of its block', () => {
    const blocks = ['10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];
    const ranges = [...blocks, '224.0.0.0/4', '240.0.0.0/4', '0.0.0.0/8'].map((block) => ipaddr.IPv4.parseCIDR(block));
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const address = ipaddr.IPv4.parse(text);
        const isInBlock = ranges.some((range) => address.match(range));
        if (isInBlock) expect(isPublicAddress(text)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});
