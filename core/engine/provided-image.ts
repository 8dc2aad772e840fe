import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { EMPTY_CONFIG, treeConfig } from '../image/image-config.js';
import { LayerView } from '../image/layer-view.js';
import { directoryName, parseReference } from '../image/reference.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { TsboxError } from '../plugin/error.js';
import type { ResolvedImage } from '../plugin/image.js';
import type { ProvidedImage } from '../plugin/image-driver.js';
import { workingDriver } from './choose-drivers.js';
import type { ChosenDriver } from './launch-state.js';
import type { PluginRegistry } from './registry.js';

export interface ImageQuestion {
  readonly root: string;
  readonly gate: Gate;
  readonly host: Host;
  readonly planning: boolean;
  readonly warn: (message: string) => void;
}

/** The name of the driver that a reference asks for; undefined for what every tsbox knows. */
export function imageSource(reference: string, root: string, registry: PluginRegistry): string | undefined {
  const scheme = /^([a-z0-9][a-z0-9_.-]*):./i.exec(reference)?.[1];
  if (scheme === undefined || !registry.names('image').includes(scheme)) return undefined;
  return isLocalName(reference, root) ? undefined : scheme;
}

/** `NAME:TAG` of an image that is there is that image. */
function isLocalName(reference: string, root: string): boolean {
  try {
    const parsed = parseReference(reference);
    return parsed.kind === 'name' && existsSync(join(root, 'images', directoryName(parsed.name), 'image.json'));
  } catch {
    return false;
  }
}

/** Asks the driver. @throws TsboxError */
export async function provideImage(
  reference: string,
  source: string,
  registry: PluginRegistry,
  { root, gate, host, planning, warn }: ImageQuestion,
): Promise<{ readonly image: ResolvedImage; readonly source: ChosenDriver<'image'> }> {
  const driver = await workingDriver('image', source, registry);
  const rest = reference.slice(source.length + 1);
  const directory = join(root, 'images', '.sources', source);
  const provided = await driver.driver.resolve(reference, { rest, directory, gate, host, planning, warn });
  checkLayers(provided, driver, planning);
  const { layers, config } = provided;
  const view = new LayerView(gate, layers);
  const image = {
    reference,
    layers: [...layers],
    config: config ? { ...EMPTY_CONFIG, ...config } : treeConfig((path) => view.isFile(path)),
    host: false,
    readFile: (path: string) => view.readFile(path),
  };
  return { image, source: driver };
}

function checkLayers(provided: ProvidedImage, { name, plugin }: ChosenDriver<'image'>, planning: boolean): void {
  const layers: unknown = (provided as ProvidedImage | undefined)?.layers;
  const why = !Array.isArray(layers) || layers.length === 0 ? 'it gave no layers' : wrongLayer(layers, planning);
  if (why === undefined) return;
  throw new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" failed in resolve of its image driver "${name}"`,
    why,
    fix: 'resolve returns { layers: [absolute paths of directories, lowest first] }',
  });
}

function wrongLayer(layers: readonly unknown[], planning: boolean): string | undefined {
  for (const layer of layers) {
    if (typeof layer !== 'string' || !isAbsolute(layer))
      return `its layer ${JSON.stringify(layer)} is no absolute path`;
    const isThere = statSync(layer, { throwIfNoEntry: false })?.isDirectory();
    if (!isThere && !planning) return `its layer ${layer} is no directory`;
  }
  return undefined;
}
