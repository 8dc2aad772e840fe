import { describe, expect, test } from 'vitest';
import type { Host } from '../../../core/plugin/index.js';
import { usernsSupport } from '../../../plugins/user-map/refusal.js';

const user: Host = { uid: 1000, gid: 1000, privileged: false, kernel: [6, 1] };
const root: Host = { uid: 0, gid: 0, privileged: true, kernel: [6, 1] };
const usual = { '/proc/self/uid_map': '0 0 4294967295', '/proc/sys/user/max_user_namespaces': '15000' };
const support = (host: Host, files: Record<string, string>) => {
  const all: Record<string, string> = { ...usual, ...files };
  return usernsSupport(host, (path) => all[path]);
};
const CLONE = '/proc/sys/kernel/unprivileged_userns_clone';
const APPARMOR = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';

describe('user namespaces', () => {
  test('work where no switch forbids them', () => {
    expect(support(user, {}).works).toBe(true);
    expect(support(user, { [CLONE]: '1', [APPARMOR]: '0' }).works).toBe(true);
  });

  test('are refused to everybody with a limit of 0', () => {
    for (const host of [user, root]) {
      const answer = support(host, { '/proc/sys/user/max_user_namespaces': '0' });
      expect(answer).toMatchObject({
        works: false,
        fix: expect.stringContaining('sysctl -w user.max_user_namespaces'),
      });
    }
  });

  test("are refused to ordinary users by Debian's switch, not to root", () => {
    expect(support(user, { [CLONE]: '0' })).toMatchObject({
      works: false,
      fix: expect.stringContaining('unprivileged_userns_clone=1'),
    });
    expect(support(root, { [CLONE]: '0' }).works).toBe(true);
  });

  test("are refused by Ubuntu's switch to what AppArmor does not confine", () => {
    expect(support(user, { [APPARMOR]: '1' })).toMatchObject({
      works: false,
      reason: expect.stringContaining('AppArmor'),
    });
    expect(support(user, { [APPARMOR]: '1', '/proc/self/attr/current': 'node (enforce)' }).works).toBe(true);
    expect(support(root, { [APPARMOR]: '1' }).works).toBe(true);
  });

  test('need a kernel that has them', () => {
    const answer = usernsSupport(user, () => undefined);
    expect(answer).toMatchObject({ works: false, reason: expect.stringContaining('no user namespaces') });
  });
});
