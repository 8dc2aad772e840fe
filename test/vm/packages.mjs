// Debian packages, fetched and unpacked into the cache without being installed.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
export const isRoot = () => process.getuid() === 0;

/** This host cannot have the machine; `missing` says what it lacks. */
export class VmUnavailable extends Error {
  /** @param {string} missing @param {unknown} [cause] */
  constructor(missing, cause) {
    super(`vm: skipped: ${missing}`, { cause });
    this.name = 'VmUnavailable';
    this.missing = missing;
  }
}

/** Where `program` is, if it is on PATH. */
export async function onPath(program) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, program);
    if (
      directory &&
      (await access(path, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return undefined;
}

/**
 * A cached tree whose name begins with `prefix`, or the package unpacked into a new one.
 * @param {string} cache
 * @param {string} prefix
 * @param {() => Promise<string | undefined>} choosePackage
 * @param {(tree: string) => Promise<void>} [finish] completes the tree before anybody can see it
 */
export async function unpacked(cache, prefix, choosePackage, finish = async () => {}) {
  const cached = (await readdir(cache))
    .filter((name) => name.startsWith(prefix))
    .sort()
    .pop();
  if (cached) return join(cache, cached);
  const fresh = await mkdtemp(join(cache, '.unpacking-'));
  try {
    const tree = join(fresh, 'tree');
    const deb = await download(fresh, await choosePackage(), prefix);
    await run('dpkg', ['-x', join(fresh, deb), tree]);
    await finish(tree);
    const target = join(cache, basename(deb, '.deb').replaceAll(/[^\w.+-]/g, '_'));
    // If another process was first, its tree is as good.
    await rename(tree, target).catch(async (error) => {
      if (!(await exists(target))) throw error;
    });
    return target;
  } catch (error) {
    throw unavailable(`the package ${prefix}*`, error);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function download(directory, name, prefix) {
  if (!name) throw new VmUnavailable(`the package ${prefix}* (apt does not know it)`);
  await run('apt-get', ['download', name], { cwd: directory });
  return (await readdir(directory)).find((file) => file.endsWith('.deb'));
}

/** Asks apt again after an update: a fresh container image comes without package lists. */
export async function withLists(cache, ask) {
  const known = await ask().catch(() => undefined);
  if (known || !isRoot()) return known;
  await apt(cache, ['update'], 'package lists');
  return ask();
}

/** apt refuses to share its lists, so parallel test workers take turns. */
export async function apt(cache, args, wanted) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const command = [join(cache, '.lock'), 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args];
  await run('flock', command, { env, maxBuffer: 1 << 26 }).catch((error) => {
    throw unavailable(`${wanted} (apt-get ${args[0]})`, error);
  });
}

function unavailable(wanted, error) {
  if (error instanceof VmUnavailable) return error;
  const [firstLine] = (error.stderr || error.message).trim().split('\n');
  return new VmUnavailable(`${wanted}: ${firstLine}`, error);
}
