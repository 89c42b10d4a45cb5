import { describe, expect, test } from 'vitest';
import { isRoleAtLeast, ROLES, type Role } from './role.js';

describe('roles', () => {
  test.each<[Role, Role[]]>([
    ['viewer', ['viewer']],
    ['member', ['viewer', 'member']],
    ['admin', ['viewer', 'member', 'admin']],
  ])('%s may do what %o may', (role, reached) => {
    expect(ROLES.filter((needed) => isRoleAtLeast(role, needed))).toEqual(reached);
  });

  test.each(['', 'root', 'Admin', 'constructor'])('"%s" of a forged or older token may do nothing', (role) => {
    expect(ROLES.filter((needed) => isRoleAtLeast(role as Role, needed))).toEqual([]);
  });
});
