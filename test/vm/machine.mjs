// The machine's parts: QEMU, a kernel with its modules, and a static busybox for the initial RAM disk.
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fetchKernel } from './kernel.mjs';
import { apt, exists, isRoot, onPath, run, unpacked, VmUnavailable, withLists } from './packages.mjs';

/** @typedef {{ qemu: string, busybox: string, kernel: string, release: string, modules: string }} Machine */

/**
 * Finds or fetches everything a boot needs: nothing is left to do when it was called before.
 * @returns {Promise<Machine>}
 * @throws {VmUnavailable}
 */
export async function prepareVm() {
  // The guest runs the host's own programs, so it must be of the host's architecture.
  if (process.arch !== 'x64') throw new VmUnavailable(`an x86-64 host (this one is ${process.arch})`);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tsbox-vm');
  await mkdir(cache, { recursive: true });
  const qemu = (await onPath('qemu-system-x86_64')) ?? (await installQemu(cache));
  const busybox = (await staticBusybox()) ?? (await fetchBusybox(cache));
  return { qemu, busybox, ...(await fetchKernel(cache, busybox)) };
}

async function installQemu(cache) {
  const program = 'qemu-system-x86_64';
  if (!isRoot() || !(await onPath('apt-get')))
    throw new VmUnavailable(`${program} (only root on Debian can install it)`);
  await apt(cache, ['update'], program);
  await apt(cache, ['install', '-y', '--no-install-recommends', 'qemu-system-x86'], program);
  const found = await onPath(program);
  if (!found) throw new VmUnavailable(`${program} (its package was installed)`);
  return found;
}

async function staticBusybox() {
  const found = await onPath('busybox');
  // A dynamic program names its loader, and nothing of that loader is on the initial RAM disk.
  return found && !(await readFile(found)).includes('/ld-linux') ? found : undefined;
}

async function fetchBusybox(cache) {
  const tree = await unpacked(cache, 'busybox-static', () => withLists(cache, busyboxPackage));
  const usrMerged = join(tree, 'usr/bin/busybox');
  return (await exists(usrMerged)) ? usrMerged : join(tree, 'bin/busybox');
}

async function busyboxPackage() {
  const { stdout } = await run('apt-cache', ['show', 'busybox-static']);
  return stdout && 'busybox-static';
}
