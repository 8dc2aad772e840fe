// A Debian kernel and its modules, trimmed and indexed in the cache. It is never installed: the
// package's scripts would rebuild the host's initramfs and boot loader.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exists, onPath, run, unpacked, withLists } from './packages.mjs';

const METAPACKAGE = 'linux-image-amd64'; // not the cloud flavour, which is built without 9p
const KEPT_MODULES = [
  'arch',
  'block',
  'crypto',
  'fs',
  'lib',
  'mm',
  'net',
  'virt',
  'drivers/block',
  'drivers/char',
  'drivers/net',
  'drivers/virtio',
];
const HARDWARE = ['drivers/net/ethernet', 'drivers/net/wireless', 'drivers/net/usb', 'drivers/net/can'];

/**
 * @param {string} cache
 * @param {string} busybox
 * @returns {Promise<{ release: string, kernel: string, modules: string }>} `release` as in uname -r
 */
export async function fetchKernel(cache, busybox) {
  const tree = await unpacked(
    cache,
    'linux-image-',
    () => withLists(cache, kernelPackage),
    (fresh) => finish(fresh, busybox),
  );
  const root = await modulesRoot(tree);
  const [release] = await readdir(root);
  const plain = join(tree, 'boot', `vmlinux-${release}`);
  const kernel = (await exists(plain)) ? plain : join(tree, 'boot', `vmlinuz-${release}`);
  return { release, kernel, modules: join(root, release) };
}

/** The metapackage has no files; it depends on the kernel of one version. */
async function kernelPackage() {
  const { stdout } = await run('apt-cache', ['depends', METAPACKAGE]);
  return /Depends: (linux-image-\d\S+)/.exec(stdout)?.[1];
}

async function finish(tree, busybox) {
  const root = await modulesRoot(tree);
  const [release] = await readdir(root);
  await trim(join(root, release));
  // Debian 13 compresses modules, which its kernel can load and busybox's depmod cannot read.
  await run(busybox, ['find', join(root, release), '-name', '*.ko.xz', '-exec', busybox, 'unxz', '{}', '+']);
  // The indexes that modprobe reads; an installed package's postinst would make them.
  await run(busybox, ['depmod', '-b', join(root, '../..'), release]);
  await decompress(join(tree, 'boot', `vmlinuz-${release}`), join(tree, 'boot', `vmlinux-${release}`));
}

/** Of 400 MB keeps what containers use; modprobe in the guest would read the aliases of all of it. */
async function trim(modules) {
  const all = join(modules, 'kernel');
  const kept = join(modules, 'kept');
  for (const directory of KEPT_MODULES) {
    if (!(await exists(join(all, directory)))) continue;
    await mkdir(join(kept, directory, '..'), { recursive: true });
    await rename(join(all, directory), join(kept, directory));
  }
  await rm(all, { recursive: true });
  await rename(kept, all);
  for (const directory of HARDWARE) await rm(join(all, directory), { recursive: true, force: true });
}

/**
 * Unpacks the kernel once, on the host, which is three seconds of every boot when an emulated
 * processor does it. QEMU starts the plain image by its PVH entry. Without xz the packed one serves.
 * The header's fields are in the kernel's Documentation/arch/x86/boot.rst (payload_offset, 2.08+).
 */
async function decompress(vmlinuz, vmlinux) {
  const xz = await onPath('xz');
  const file = await open(vmlinuz);
  const header = Buffer.alloc(0x1000);
  await file.read(header, 0, header.length, 0);
  const start = (header[0x1f1] + 1) * 512 + header.readUInt32LE(0x248);
  const sizeTrailer = 4; // the unpacked size follows the compressed stream
  const end = start + header.readUInt32LE(0x24c) - sizeTrailer - 1;
  const magic = Buffer.alloc(6);
  await file.read(magic, 0, magic.length, start);
  await file.close();
  if (!xz || magic.toString('latin1') !== '\xfd7zXZ\0') return;
  const child = spawn(xz, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [[status]] = await Promise.all([
    once(child, 'close'),
    pipeline(createReadStream(vmlinuz, { start, end }), child.stdin),
    pipeline(child.stdout, createWriteStream(vmlinux)),
  ]);
  if (status !== 0) await rm(vmlinux);
}

async function modulesRoot(tree) {
  const usrMerged = join(tree, 'usr/lib/modules');
  return (await exists(usrMerged)) ? usrMerged : join(tree, 'lib/modules');
}
