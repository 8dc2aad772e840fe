import { describe, expect, it } from 'vitest';
import { type CgroupLayout, findController, parseCgroupLayout, readCgroupLayout } from '../../../core/kernel/cgroup.js';

const parse = (own: string, mountinfo: string, controllers = ''): CgroupLayout =>
  parseCgroupLayout(own, mountinfo, () => controllers);

const V2 =
  '29 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';

describe('pure v2', () => {
  const layout = parse('0::/user.slice/session-2.scope\n', `${V2}\n`, 'cpuset cpu io memory hugetlb pids\n');

  it('has one hierarchy with the controllers that its root offers', () => {
    expect(layout.mode).toBe('v2');
    expect(layout.hierarchies).toEqual([layout.unified]);
    expect(layout.unified?.controllers).toEqual(['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids']);
  });

  it('finds its own cgroup below the mountpoint', () => {
    expect(layout.unified?.ownDirectory).toBe('/sys/fs/cgroup/user.slice/session-2.scope');
  });

  it('is still v2 with a named v1 hierarchy that has no controllers', () => {
    const both = `${V2}\n40 29 0:30 / /mnt/named rw - cgroup none rw,name=mine\n`;
    const { mode, hierarchies } = parse('1:name=mine:/\n0::/\n', both, 'cpu memory pids');
    expect(mode).toBe('v2');
    expect(hierarchies.map((one) => one.name)).toEqual(['mine', undefined]);
  });
});

describe('v1', () => {
  const own = '4:memory:/\n3:cpu,cpuacct:/user.slice\n2:net_cls,net_prio:/\n1:name=systemd:/user.slice/a:b.scope\n';
  const mounts = `30 29 0:27 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd
31 29 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct
32 29 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:12 master:1 - cgroup cgroup rw,memory
33 29 0:30 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls,net_prio
`;
  const layout = parse(own, mounts);

  it('finds a co-mounted hierarchy by each of its controllers', () => {
    expect(layout.mode).toBe('v1');
    expect(findController(layout, 'cpu')).toBe(findController(layout, 'cpuacct'));
    expect(findController(layout, 'cpu')?.ownDirectory).toBe('/sys/fs/cgroup/cpu,cpuacct/user.slice');
  });

  it('does not take mount flags and agents for controllers', () => {
    const [systemd] = layout.hierarchies;
    expect(systemd).toMatchObject({ name: 'systemd', controllers: [], own: '/user.slice/a:b.scope' });
    expect(findController(layout, 'xattr')).toBeUndefined();
  });

  it('does not find a controller that is in the kernel but not mounted', () => {
    const layoutWithoutPids = parse(`${own}5:pids:/\n`, mounts);
    expect(findController(layoutWithoutPids, 'pids')).toBeUndefined();
    expect(layoutWithoutPids.hierarchies).toHaveLength(4);
  });

  it('does not mistake cpuset for cpu', () => {
    const { hierarchies } = parse('2:cpu:/\n', '31 29 0:28 / /c/cpuset rw - cgroup cgroup rw,cpuset\n');
    expect(hierarchies).toEqual([]);
  });
});

it('a hybrid host has v1 controllers and a v2 hierarchy, which comes last', () => {
  const mounts = `32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
`;
  const layout = parse('9:name=systemd:/\n1:cpu:/\n0::/\n', mounts, 'hugetlb\n');
  expect(layout.mode).toBe('hybrid');
  expect(layout.hierarchies.map((one) => one.mountpoint)).toEqual([
    '/sys/fs/cgroup/cpu',
    '/sys/fs/cgroup/systemd',
    '/sys/fs/cgroup/unified',
  ]);
});

describe('inside of other containers', () => {
  it('a cgroup that was bound is the root of what is seen', () => {
    const mount = '700 690 0:29 /docker/4c1f /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n';
    const [memory] = parse('4:memory:/docker/4c1f/inner\n', mount).hierarchies;
    expect(memory).toMatchObject({ root: '/docker/4c1f', mountpoint: '/sys/fs/cgroup/memory' });
    expect(memory?.ownDirectory).toBe('/sys/fs/cgroup/memory/inner');
  });

  it('a mount of the whole hierarchy is preferred to one that shows a part', () => {
    const mounts =
      '70 69 0:29 /docker/4c1f /part rw - cgroup cgroup rw,memory\n71 69 0:29 / /whole rw - cgroup cgroup rw,memory\n';
    expect(parse('4:memory:/docker/4c1f\n', mounts).hierarchies[0]?.mountpoint).toBe('/whole');
  });

  it('a cgroup above the root of the cgroup namespace has no directory', () => {
    const mount = '70 69 0:29 /../.. /sys/fs/cgroup rw - cgroup2 cgroup rw\n';
    expect(parse('0::/\n', mount, 'pids').unified?.ownDirectory).toBeUndefined();
    expect(parse('0::/../x\n', V2, 'pids').unified?.ownDirectory).toBeUndefined();
  });

  it('a neighbour whose path begins alike is not the own cgroup', () => {
    const mount = '700 690 0:29 /docker/4c /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
    expect(parse('4:memory:/docker/4cff\n', mount).hierarchies[0]?.ownDirectory).toBeUndefined();
  });
});

it('a hidden mount is not found', () => {
  const hidden = '31 29 0:28 / /c rw - cgroup cgroup rw,cpu\n50 29 0:99 / /c rw - tmpfs tmpfs rw\n';
  expect(parse('2:cpu:/\n', hidden).mode).toBe('none');
});

it('octal escapes in a mountpoint are read', () => {
  const spaced = '31 29 0:28 / /a\\040b\\134c rw - cgroup cgroup rw,cpu\n';
  expect(parse('2:cpu:/\n', spaced).hierarchies[0]?.mountpoint).toBe('/a b\\c');
});

it('a kernel without cgroups has none', () => {
  expect(parse('', '20 1 8:1 / / rw - ext4 /dev/sda1 rw\n')).toEqual({
    mode: 'none',
    hierarchies: [],
    unified: undefined,
  });
});

it('a line that is not understood is an error', () => {
  expect(() => parse('nonsense\n', '')).toThrow(/cannot read the line "nonsense"/);
});

it('reads this machine', () => {
  const { mode, hierarchies } = readCgroupLayout();
  expect(['v1', 'v2', 'hybrid', 'none']).toContain(mode);
  for (const { mountpoint } of hierarchies) expect(mountpoint).toMatch(/^\//);
});
