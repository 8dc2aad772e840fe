import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { ImageConfig, ResolvedImage } from '../plugin/image.js';
import { hostConfig, treeConfig } from './image-config.js';
import { readImageRecord } from './image-record.js';
import { knownText } from './known-files.js';
import { LayerView } from './layer-view.js';
import { locateImage } from './locate.js';
import type { TarImage } from './unpack/tar-image.js';

export interface ImageContext {
  /** tsbox's `--root`. */
  readonly root: string;
  readonly gate: Gate;
  readonly host: Host;
  /** Nothing may be unpacked: layers name the place where they would be. */
  readonly planning?: boolean;
  /** Tells the user what of an image could not be kept. */
  readonly warn?: (message: string) => void;
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The account files that a plan reads out of an archive which is not unpacked. */
const PEEKED = ['/etc/passwd', '/etc/group', '/bin/sh', '/usr/bin/sh'];

/**
 * Resolves a reference to layers and a config. A tar file is unpacked on first use, into a place of
 * its own below `<root>/images`; nothing else is changed.
 * @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND, ERR_TSBOX_IMAGE_INVALID
 */
export async function resolveImage(reference: string, context: ImageContext): Promise<ResolvedImage> {
  const located = locateImage(reference, context.root);
  switch (located.kind) {
    case 'host':
      return tree(reference, '/', context, hostConfig(context.env ?? process.env));
    case 'directory':
      return tree(reference, located.path, context);
    case 'named': {
      const { config } = readImageRecord(join(located.directory, 'image.json'));
      return tree(reference, join(located.directory, 'layer'), context, config);
    }
    case 'tar': {
      // Loaded on demand: most launches unpack nothing.
      const { TarImage } = await import('./unpack/tar-image.js');
      return resolveTar(reference, new TarImage(reference, located.path, context), context);
    }
  }
}

async function resolveTar(reference: string, tar: TarImage, context: ImageContext): Promise<ResolvedImage> {
  if (!context.planning) {
    await tar.unpack();
  } else if (!existsSync(tar.layer)) {
    const files = await tar.peek(PEEKED);
    const config = treeConfig(() => files.has('/bin/sh') || files.has('/usr/bin/sh'));
    return { reference, layers: [tar.layer], config, host: false, readFile: (path) => files.get(path) };
  }
  return tree(reference, tar.layer, context);
}

function tree(reference: string, layer: string, { gate }: ImageContext, config?: ImageConfig): ResolvedImage {
  const view = new LayerView(gate, [layer]);
  return {
    reference,
    layers: [layer],
    config: config ?? treeConfig((path) => view.isFile(path)),
    host: reference === 'host',
    readFile: (path) => knownText(layer, path, () => view.readFile(path)),
  };
}
