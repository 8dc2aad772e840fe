import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { hasCode } from '../core/kernel/error.js';
import { TsboxError } from '../core/plugin/error.js';

/**
 * `--cidfile`: the file is made before the container, so that of two only one gets it, and is gone again
 * where there is no container.
 */
export async function withCidFile<Made extends { readonly id: string }>(
  path: string | undefined,
  make: () => Promise<Made>,
): Promise<Made> {
  if (path === undefined) return make();
  const fd = openNew(path);
  try {
    const made = await make();
    writeSync(fd, made.id);
    return made;
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    const exists = hasCode(error, 'EEXIST');
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `cannot write the id to ${path}`,
      why: exists ? 'the file exists' : (error as Error).message,
      fix: exists ? 'when its container is gone, remove the file, or choose another --cidfile' : [],
      cause: error,
    });
  }
}
