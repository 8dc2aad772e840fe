import { describe, expect, test } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { type Host, type IdMaps, type Launch, TsboxError, type UserRange } from '../../../core/plugin/index.js';
import { AutoDriver } from '../../../plugins/user-map/auto-driver.js';
import { HostDriver } from '../../../plugins/user-map/host-driver.js';
import { enterMaps } from '../../../plugins/user-map/map-steps.js';
import { RangeDriver } from '../../../plugins/user-map/range-driver.js';

const gate = new LibcGate();
const root: Host = { uid: 0, gid: 0, privileged: true, kernel: [6, 1] };
const user: Host = { uid: 1000, gid: 1000, privileged: false, kernel: [6, 1] };
const ALL_IDS = '0 0 4294967295';
const files: Record<string, string> = {
  '/proc/self/uid_map': ALL_IDS,
  '/proc/self/gid_map': ALL_IDS,
  '/proc/sys/user/max_user_namespaces': '15000',
};
const read = (path: string) => files[path];
const inNamespace = (path: string) => (path.endsWith('id_map') ? '0 100000 65536' : files[path]);
const noIds = () => ({ uids: [], gids: [] });

interface Wish {
  readonly host?: Host;
  readonly uid?: number;
  readonly groups?: readonly number[];
  readonly asked?: readonly string[];
  readonly range?: UserRange;
}

function launchOf({ host = root, uid = 0, groups = [], asked = [], range }: Wish): Launch {
  const spec = { groups: asked, mounts: [], ...(range && { userns: range }) };
  const command = { uid, gid: 0, groups };
  return { host, spec, command, namespaces: new Set(), facts: {}, idMaps: undefined } as unknown as Launch;
}

function refusal(run: () => void): TsboxError {
  try {
    run();
  } catch (error) {
    if (error instanceof TsboxError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('userns host', () => {
  test('is for root', () => {
    expect(new HostDriver(root).check().works).toBe(true);
    expect(new HostDriver(user).check()).toMatchObject({ works: false, fix: expect.stringContaining('--userns=auto') });
  });
});

describe('userns auto', () => {
  test('maps an ordinary user without subordinate ids to root alone, and says why', () => {
    const driver = new AutoDriver(gate, { ...user, uid: process.getuid?.() ?? 0 }, { read, idsOf: noIds });
    expect(driver.check()).toMatchObject({ works: true, note: expect.stringContaining('/etc/subuid has no ids') });
  });

  test('refuses a user that is not mapped before anything is done', () => {
    const driver = new AutoDriver(gate, user, { read, idsOf: noIds });
    expect(() => driver.validate(launchOf({ host: user }))).not.toThrow();
    expect(refusal(() => driver.validate(launchOf({ host: user, uid: 5 })))).toMatchObject({
      code: 'ERR_TSBOX_INVALID_SPEC',
      why: expect.stringContaining('only 0 exists'),
    });
  });

  test('is refused to root inside a user namespace that lacks the default ids', () => {
    expect(new AutoDriver(gate, root, { read, idsOf: noIds }).check().works).toBe(true);
    const inside = new AutoDriver(gate, root, { read: inNamespace, idsOf: noIds });
    expect(inside.check()).toMatchObject({ works: false, fix: expect.stringContaining('/etc/subuid') });
    const some = { uids: [{ start: 1000, size: 60000 }], gids: [{ start: 1000, size: 60000 }] };
    expect(new AutoDriver(gate, root, { read: inNamespace, idsOf: () => some }).check().works).toBe(true);
  });

  test('needs a kernel on which overlay takes idmapped layers, for root only', () => {
    const old = { kernel: [5, 18] as const };
    expect(new AutoDriver(gate, { ...root, ...old }, { read, idsOf: noIds }).check().works).toBe(false);
    expect(new AutoDriver(gate, { ...user, ...old }, { read, idsOf: noIds }).check().works).toBe(true);
  });
});

describe('userns range', () => {
  const driver = new RangeDriver(gate, root, read);
  const range = { uid: 100000, gid: 100000, size: 65536 };

  test('is taken as it is from root', async () => {
    const launch = launchOf({ range });
    driver.validate(launch);
    await driver.prepare(launch);
    expect(launch.namespaces.has('user')).toBe(true);
    expect(launch.idMaps).toMatchObject({ uids: [{ inside: 0, outside: 100000, size: 65536 }], idmapped: true });
  });

  test.each([
    { uid: 4294967290, gid: 0, size: 6 },
    { uid: 0, gid: 4294967290, size: 6 },
    { uid: 0, gid: 0, size: 0 },
    { uid: -1, gid: 0, size: 1 },
  ])('%j is refused', (wrong) => {
    expect(refusal(() => driver.validate(launchOf({ range: wrong }))).code).toBe('ERR_TSBOX_INVALID_SPEC');
  });

  test('may end at the last id', () => {
    expect(() => driver.validate(launchOf({ range: { uid: 4294967290, gid: 0, size: 5 } }))).not.toThrow();
  });

  test('must exist in the user namespace that tsbox runs in', () => {
    const inside = new RangeDriver(gate, root, inNamespace);
    expect(refusal(() => inside.validate(launchOf({ range }))).why).toContain('not all of these ids exist');
    expect(() => inside.validate(launchOf({ range: { uid: 5, gid: 5, size: 100 } }))).not.toThrow();
  });

  test('of an ordinary user is that user alone', async () => {
    const own = new RangeDriver(gate, user, read);
    expect(refusal(() => own.validate(launchOf({ host: user, range }))).fixes[0]).toContain('--userns=auto');
    const launch = launchOf({ host: user, range: { uid: 1000, gid: 1000, size: 1 } });
    own.validate(launch);
    await own.prepare(launch);
    expect(launch.idMaps?.setgroups).toBe('deny');
  });

  test('must be given', () => {
    expect(refusal(() => driver.validate(launchOf({}))).why).toContain('no range');
  });
});

describe('the ids of the command', () => {
  const maps: IdMaps = { uids: [{ inside: 0, outside: 1000, size: 1 }], gids: [{ inside: 0, outside: 1000, size: 1 }] };

  test("groups that only the image's /etc/group lists may be unmapped", () => {
    expect(() => enterMaps(launchOf({ host: user, groups: [0, 10] }), maps)).not.toThrow();
  });

  test('groups that were asked for may not', () => {
    const launch = launchOf({ host: user, groups: [10], asked: ['10'] });
    expect(refusal(() => enterMaps(launch, maps)).what).toContain('gid 10');
  });

  test('owners are mapped on the way only where root is somebody else', () => {
    const own = launchOf({ host: user });
    enterMaps(own, maps);
    expect(own.idMaps?.idmapped).toBeUndefined();
    const other = launchOf({ host: root });
    enterMaps(other, maps);
    expect(other.idMaps?.idmapped).toBe(true);
  });
});
