import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { findProjectConfig } from '../config/find-config.js';
import { TsboxError } from '../plugin/error.js';
import * as drivers from './templates/drivers.js';
import { configFile, type ProjectNames, packageJson, readme, testFile } from './templates/project.js';
import * as seams from './templates/seams.js';

interface Kind {
  index(name: string): string;
  readonly suite: string;
  readonly use: (name: string) => string;
}

/** What can be made. */
const KINDS: Readonly<Record<string, Kind>> = {
  storage: {
    index: drivers.storage,
    suite: 'describeStorageDriver',
    use: (name) => `tsbox run --storage=${name} host true`,
  },
  network: {
    index: drivers.network,
    suite: 'describeNetworkDriver',
    use: (name) => `tsbox run --network=${name} host true`,
  },
  resources: {
    index: drivers.resources,
    suite: 'describeResourceDriver',
    use: (name) => `tsbox run --resources=${name} host true`,
  },
  userns: {
    index: drivers.userns,
    suite: 'describeUsernsDriver',
    use: (name) => `tsbox run --userns=${name} host true`,
  },
  security: {
    index: seams.security,
    suite: 'describeSecurityDriver',
    use: (name) => `tsbox run --security=${name} host true`,
  },
  image: {
    index: seams.image,
    suite: 'describeImageDriver',
    use: (name) => `tsbox run ${name}:/path/of/a/directory true`,
  },
  log: {
    index: seams.log,
    suite: 'describeLogDriver',
    use: (name) => `tsbox run -d --log-driver=${name} host true`,
  },
  hook: { index: drivers.hook, suite: 'describePlugin', use: () => 'tsbox run host true' },
};

export const PLUGIN_KINDS: readonly string[] = Object.keys(KINDS);

export interface CreateRequest {
  readonly kind: string;
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** Where tsbox is used: gets a config file, if it has none. */
  readonly project: string;
  /** Of tsbox. */
  readonly version: string;
}

export interface CreatedPlugin {
  /** Paths of what was written. */
  readonly files: readonly string[];
  /** The function of tsbox/testing that its test calls. */
  readonly suite: string;
  /** What is left to do by hand: the line for a config file that is there already. */
  readonly config?: { readonly file: string; readonly plugin: string };
  readonly use: string;
}

/** Writes a plugin that works and passes its suite. @throws TsboxError; nothing that is there is overwritten */
export function createPlugin({ kind, name, directory, project, version }: CreateRequest): CreatedPlugin {
  const chosen = KINDS[kind];
  if (!chosen) throw refused(name, `there is no kind ${JSON.stringify(kind)}`, `one of: ${PLUGIN_KINDS.join(', ')}`);
  if (!/^[a-z][a-z0-9._-]*$/.test(name))
    throw refused(name, 'a name has lower-case letters, digits, - . _', 'tsbox plugin create storage my-store');
  if (existsSync(directory) && readdirSync(directory).some((file) => OWN.includes(file)))
    throw refused(name, `there is a plugin in ${directory} already`, '--directory=ANOTHER');
  const { suite } = chosen;
  const driver = kind === 'hook' ? '' : `driver: '${name}', `;
  const names: ProjectNames = { name, suite, driver, version, use: chosen.use(name) };
  const texts = { [INDEX]: chosen.index(name), 'index.test.ts': testFile(names), 'README.md': readme(names) };
  // The folder that tsbox was installed in has one.
  const manifest = existsSync(join(directory, 'package.json')) ? {} : { 'package.json': packageJson(names) };
  mkdirSync(directory, { recursive: true });
  const files = Object.entries({ ...texts, ...manifest }).map(([file, text]) => written(join(directory, file), text));
  const config = findProjectConfig(project);
  if (config)
    return { files, suite, use: names.use, config: { file: config, plugin: entry(join(config, '..'), directory) } };
  return {
    files: [...files, written(join(project, CONFIG), configFile(entry(project, directory)))],
    suite,
    use: names.use,
  };
}

const INDEX = 'index.ts';
const OWN = [INDEX, 'index.test.ts'];
const CONFIG = 'tsbox.config.ts';

function entry(from: string, directory: string): string {
  return `./${relative(from, resolve(directory, INDEX))}`;
}

function written(path: string, text: string): string {
  writeFileSync(path, text, { flag: 'wx' });
  return path;
}

function refused(name: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot make the plugin ${JSON.stringify(basename(name))}`,
    why,
    fix,
  });
}
