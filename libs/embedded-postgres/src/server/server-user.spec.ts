import { describe, expect, it, vi } from 'vitest';
import { findServerUser } from './server-user.js';

const passwd = [
  'root:x:0:0:root:/root:/bin/bash',
  'nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false',
  'postgres:x:101:104::/var/lib/postgresql:/bin/bash',
].join('\n');

describe('findServerUser', () => {
  it('is oneself for an ordinary user', () => {
    vi.spyOn(process, 'getuid').mockReturnValueOnce(1000);
    expect(findServerUser(undefined, passwd)).toBeNull();
  });

  it("is PostgreSQL's own account for root", () => {
    vi.spyOn(process, 'getuid').mockReturnValueOnce(0);
    expect(findServerUser(undefined, passwd)).toEqual({ name: 'postgres', uid: 101, gid: 104 });
  });

  it('is nobody where there is no such account, also with the id macOS gives it', () => {
    vi.spyOn(process, 'getuid').mockReturnValueOnce(0);
    const without = passwd.split('\n').slice(0, 2).join('\n');
    expect(findServerUser(undefined, without)).toEqual({ name: 'nobody', uid: 4294967294, gid: 4294967294 });
  });

  it('is an error in words where root has nobody to be', () => {
    vi.spyOn(process, 'getuid').mockReturnValueOnce(0);
    expect(() => findServerUser(undefined, 'root:x:0:0::/root:/bin/sh')).toThrow('PostgreSQL does not run as root');
  });
});
