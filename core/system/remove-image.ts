import { join } from 'node:path';
import type { Engine } from '../engine/index.js';
import { formatImageName, parseImageName } from '../image/reference.js';
import { imageById, imageDirectory, removeImage } from '../image/store.js';
import { TsboxError } from '../plugin/error.js';
import { layersInUse } from './layers-in-use.js';

/**
 * Removes a local image, by name or id.
 * @param force also where containers, running or not, are made of it: they cannot be started any more
 * @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND, ERR_TSBOX_IN_USE
 */
export async function removeImageSafely(engine: Engine, reference: string, force: boolean): Promise<void> {
  const { root } = engine.paths;
  const meant = imageById(root, reference);
  const name = meant ? formatImageName(meant) : reference;
  const users = force ? [] : usersOf(root, name);
  if (users.length > 0) throw inUse(reference, users);
  await removeImage(root, name, engine.gate);
}

function usersOf(root: string, name: string): readonly string[] {
  return layersInUse(root).users.get(join(imageDirectory(root, parseImageName(name)), 'layer')) ?? [];
}

function inUse(reference: string, users: readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_IN_USE', {
    what: `cannot remove image ${reference}`,
    why: `container ${users.join(', ')} is made of it`,
    fix: [`tsbox rm ${users.join(' ')}`, 'or image rm -f, after which that container cannot be started'],
  });
}
