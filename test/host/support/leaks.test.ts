import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cgroupDirectories } from '../../support/leaks/host.js';
import { compareSnapshots, takeSnapshot } from '../../support/leaks/snapshot.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'ip', 'nft', 'cgroup1');
const directory = tempDirectory();
const run = (command: string) => execFileSync('sh', ['-c', command], { stdio: 'pipe' });

/** What `leak` changes, as the snapshot reports it; then `mend` takes it back. */
async function reported<T>(leak: () => T, mend: (leaked: T) => void): Promise<Record<string, readonly string[]>> {
  const before = await takeSnapshot();
  const leaked = leak();
  const difference = compareSnapshots(before, await takeSnapshot());
  mend(leaked);
  expect(compareSnapshots(before, await takeSnapshot())).toEqual({});
  return difference;
}

it('a mount is reported by its target', async () => {
  const target = join(directory, 'mounted');
  mkdirSync(target);
  const found = await reported(
    () => run(`mount -t tmpfs leaked ${target}`),
    () => run(`umount ${target}`),
  );
  expect(found).toEqual({ mounts: [expect.stringContaining(` ${target} `)] });
});

it('a link is reported with its addresses and routes', async () => {
  const found = await reported(
    () => run('ip link add leaked0 type bridge && ip addr add 192.0.2.1/24 dev leaked0 && ip link set leaked0 up'),
    () => run('ip link del leaked0'),
  );
  expect(found.links).toEqual([expect.stringContaining('leaked0 bridge')]);
  expect(found.addresses).toContain('+ leaked0 192.0.2.1/24 global');
  expect(found.routes?.join()).toContain('192.0.2.0/24');
});

it('an nft table is reported', async () => {
  const found = await reported(
    () => run('nft add table ip leaked'),
    () => run('nft delete table ip leaked'),
  );
  expect(found).toEqual({ 'nft ruleset': [expect.stringContaining('leaked')] });
});

it('a cgroup below one of tsbox is reported', () => {
  const parent = '/sys/fs/cgroup/pids/tsbox-leaked';
  const paths = [parent, join(parent, 'inner')];
  for (const path of paths) mkdirSync(path);
  const found = cgroupDirectories();
  for (const path of paths.toReversed()) rmdirSync(path);
  expect(found).toEqual(expect.arrayContaining(paths));
  expect(cgroupDirectories()).not.toContain(parent);
});

it('a descriptor and a file in /dev/shm are reported', async () => {
  const leak = () => {
    const path = mkdtempSync('/dev/shm/leaked-');
    return { path, fd: openSync(path, 'r') };
  };
  const found = await reported(leak, ({ path, fd }) => {
    closeSync(fd);
    rmdirSync(path);
  });
  expect(found['own descriptors']).toEqual([expect.stringMatching(/^\+ \/dev\/shm\/leaked-/)]);
  expect(found['temporary files']).toEqual([expect.stringMatching(/^\+ \/dev\/shm\/leaked-/)]);
});

it('a process in namespaces of its own is reported, and so are its namespaces', async () => {
  const before = await takeSnapshot();
  const child: ChildProcess = spawn('unshare', ['--uts', '--ipc', 'sleep', '60']);
  await expect.poll(async () => Object.keys(compareSnapshots(before, await takeSnapshot()))).toContain('namespaces');
  const found = compareSnapshots(before, await takeSnapshot());
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  expect(found.processes).toEqual([expect.stringMatching(/^\+ \d+ .*sleep 60$/)]);
  expect(found.namespaces).toHaveLength(2);
});

it('a changed sysctl is reported with both values', async () => {
  const key = '/proc/sys/net/ipv4/conf/lo/route_localnet';
  const found = await reported(
    () => writeFileSync(key, '1'),
    () => writeFileSync(key, '0'),
  );
  expect(found.sysctls).toEqual(['- net/ipv4/conf/lo/route_localnet = 0', '+ net/ipv4/conf/lo/route_localnet = 1']);
});
