// The initial RAM disk: a newc cpio archive, whose format is in the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// What must be loaded before the host's root, where all the other modules are, can be mounted.
const BOOT_MODULES = ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay'];

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {{ command: string[], cwd: string, env: Record<string, string> }} job
 * @returns {Promise<Buffer>}
 */
export async function buildInitrd(machine, job) {
  const index = await readFile(join(machine.modules, 'modules.dep'), 'utf8');
  const needed = neededModules(index, BOOT_MODULES);
  const modules = `lib/modules/${machine.release}`;
  const files = await Promise.all(needed.map(({ path }) => readFile(join(machine.modules, path))));
  return cpio([
    ...['dev', 'proc', 'sys', 'lower', 'upper', 'new', 'vm'].map((path) => directory(path)),
    ...parents(`${modules}/x`),
    // The kernel runs /init; busybox takes the applet from the name it is called by.
    program('init', await readFile(here('guest-init.sh'))),
    program('vm/main', await readFile(here('guest-main.sh'))),
    program('vm/busybox', await readFile(machine.busybox)),
    file('vm/job', Buffer.from(shellJob(machine, job))),
    file(`${modules}/modules.dep`, Buffer.from(needed.map(({ line }) => `${line}\n`).join(''))),
    // modprobe reads only the index's paths, so the archive needs no directories like the tree's.
    ...flat(needed, files, modules),
  ]);
}

/** Lines of modules.dep for the modules and all that they depend on. */
function neededModules(index, names) {
  const lines = new Map(index.split('\n').map((line) => [line.split(':')[0], line]));
  const byName = new Map([...lines.keys()].map((path) => [basename(path, '.ko'), path]));
  const found = new Map();
  for (const name of names) {
    const path = byName.get(name);
    if (!path) continue; // built into this kernel
    const [, dependencies] = lines.get(path).split(':');
    for (const each of [path, ...dependencies.split(' ').filter(Boolean)]) {
      found.set(each, { path: each, line: lines.get(each) });
    }
  }
  return [...found.values()];
}

function flat(needed, files, modules) {
  const made = new Set();
  return needed.flatMap(({ path }, i) => {
    const directories = parents(`${modules}/${path}`).filter(({ name }) => !made.has(name) && made.add(name));
    return [...directories, file(`${modules}/${path}`, files[i])];
  });
}

function shellJob(machine, { command, cwd, env }) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `VM_MODULES=${quote(machine.modules)}
VM_RELEASE=${quote(machine.release)}
VM_CWD=${quote(cwd)}
vm_exec() { exec $VM setsid env -i ${[...variables, ...command].map(quote).join(' ')}; }
`;
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

const directory = (name) => ({ name, mode: 0o040755, data: Buffer.alloc(0) });
const file = (name, data) => ({ name, mode: 0o100644, data });
const program = (name, data) => ({ name, mode: 0o100755, data });
const parents = (path) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, all) => directory(all.slice(0, i + 1).join('/')));

function cpio(entries) {
  const trailer = { name: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) };
  return Buffer.concat(
    [...entries, trailer].flatMap(({ name, mode, data }, i) => {
      const links = 1;
      const fields = [i + 1, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
      const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
      return [pad(Buffer.from(header)), pad(data)];
    }),
  );
}

/** Header and contents each begin at a multiple of four bytes. */
const pad = (data) => Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
