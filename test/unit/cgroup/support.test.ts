import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CgroupHierarchy, CgroupLayout, Host } from '../../../core/plugin/index.js';
import { hasWeights, v1Support } from '../../../plugins/cgroup-v1/v1-support.js';
import { v2Support } from '../../../plugins/cgroup-v2/v2-support.js';

const ROOT: Host = { uid: 0, gid: 0, privileged: true, kernel: [6, 1] };
const USER: Host = { ...ROOT, uid: 1000, gid: 1000, privileged: false };
let mountpoint: string;

const hierarchy = (version: 1 | 2, ...controllers: string[]): CgroupHierarchy => ({
  version,
  mountpoint,
  root: '/',
  controllers,
  own: '/',
  ownDirectory: mountpoint,
});
const v2 = (...controllers: string[]): CgroupLayout => {
  const unified = hierarchy(2, ...controllers);
  return { mode: 'v2', hierarchies: [unified], unified };
};
const v1 = (...controllers: string[]): CgroupLayout => {
  const hierarchies = controllers.map((controller) => hierarchy(1, controller));
  return { mode: 'v1', hierarchies, unified: undefined };
};
const none: CgroupLayout = { mode: 'none', hierarchies: [], unified: undefined };

beforeEach(() => {
  mountpoint = mkdtempSync(join(tmpdir(), 'tsbox-cgroup-'));
});
afterEach(() => rmSync(mountpoint, { recursive: true }));

describe('cgroup-v2', () => {
  it('works where root finds cpu, memory and pids', () => {
    expect(v2Support(ROOT, v2('cpu', 'memory', 'pids'))).toEqual({ works: true });
  });

  it('names the controllers that are missing', () => {
    const support = v2Support(ROOT, v2('cpu', 'io'));
    expect(support).toMatchObject({
      works: false,
      reason: expect.stringContaining('lacks the controllers memory, pids'),
    });
  });

  it('does not take the v2 hierarchy of a hybrid host', () => {
    const support = v2Support(ROOT, { ...v2('hugetlb'), mode: 'hybrid' });
    expect(support).toMatchObject({ works: false, reason: expect.stringContaining('cgroup v1 holds them') });
  });

  it('needs a top without processes inside of another container, unless the controllers are enabled', () => {
    const layout = v2('cpu', 'memory', 'pids');
    const write = (file: string, text: string) => writeFileSync(join(mountpoint, file), text);
    write('cgroup.type', 'domain\n');
    write('cgroup.subtree_control', 'cpu io\n');
    write('cgroup.procs', '');
    expect(v2Support(ROOT, layout).works).toBe(true);
    write('cgroup.procs', '1\n17\n');
    expect(v2Support(ROOT, layout)).toMatchObject({
      works: false,
      reason: expect.stringContaining('processes are in'),
    });
    write('cgroup.subtree_control', 'cpu io memory pids\n');
    expect(v2Support(ROOT, layout).works).toBe(true);
  });

  it('needs root and a mount, and says so', () => {
    const layout = v2('cpu', 'memory', 'pids');
    expect(v2Support(USER, layout)).toMatchObject({ works: false, fix: expect.stringContaining('root') });
    expect(v2Support(ROOT, none)).toMatchObject({ works: false, reason: 'no cgroup v2 hierarchy is mounted' });
  });
});

describe('cgroup-v1', () => {
  it('works where root finds the devices controller', () => {
    expect(v1Support(ROOT, v1('devices', 'memory'))).toEqual({ works: true });
  });

  it('does not work without it: a container could open any disk', () => {
    expect(v1Support(ROOT, v1('memory'))).toMatchObject({ works: false, reason: expect.stringContaining('"devices"') });
  });

  it('needs root and v1 hierarchies, and says so', () => {
    expect(v1Support(USER, v1('devices'))).toMatchObject({ works: false, fix: expect.stringContaining('root') });
    expect(v1Support(ROOT, v2('cpu'))).toMatchObject({ works: false, reason: expect.stringContaining('no cgroup v1') });
  });

  it('knows from the root of the hierarchy whether cgroups have weights', () => {
    const layout = v1('blkio');
    expect(hasWeights(layout)).toBe(false);
    writeFileSync(join(mountpoint, 'blkio.bfq.io_service_bytes'), '');
    expect(hasWeights(layout)).toBe(true);
  });
});

it('a hierarchy that cannot be written to is named', () => {
  const layout = v1('devices');
  rmSync(mountpoint, { recursive: true });
  expect(v1Support(ROOT, layout)).toMatchObject({
    works: false,
    reason: `${mountpoint} cannot be written to (ENOENT)`,
  });
  mkdirSync(mountpoint);
});
