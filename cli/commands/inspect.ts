import { type Command, Option } from 'commander';
import { inspectContainer } from '../../core/containers/inspect/container.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import { printOne } from '../format.js';
import { type Globals, readGlobals } from '../globals.js';
import { print } from '../output.js';
import { reportError } from '../report-error.js';
import { readStatePaths } from '../state-paths.js';
import { withMaps } from '../template-maps.js';

const TYPES = ['container', 'network', 'volume', 'image'] as const;
type Type = (typeof TYPES)[number];

interface Options {
  readonly format?: string;
  readonly size?: boolean;
  readonly type?: Type;
}

export function define(command: Command, finish: Finish): void {
  command
    .argument('<name...>', 'name, id, or the beginning of an id')
    .option('-f, --format <format>', "json, or a template: '{{.State.Pid}}'")
    .option('-s, --size', 'with what containers wrote')
    .addOption(new Option('--type <type>', 'look for these only').choices(TYPES));
  command.action(async (names: string[], options: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    let status = 0;
    const found: object[] = [];
    for (const name of names) {
      try {
        found.push(await inspect(name, options, globals));
      } catch (error) {
        status = reportError(error, { failure: 1, debug: globals.debug });
      }
    }
    const { format = 'json' } = options;
    if (format === 'json') print(`${JSON.stringify(found, undefined, 4)}\n`);
    else for (const each of found) await printOne(format === 'jsonl' ? each : withMaps(each), format);
    finish(status);
  });
}

/** Of the kinds that are looked for, the first that has the name. */
async function inspect(name: string, { type, size = false }: Options, globals: Globals): Promise<object> {
  const errors: unknown[] = [];
  for (const kind of type ? [type] : TYPES) {
    try {
      return await INSPECT[kind](name, globals, size);
    } catch (error) {
      if (!isMissing(error)) throw error;
      errors.push(error);
    }
  }
  throw type ? errors[0] : noSuchObject(name);
}

const MISSING = ['CONTAINER', 'NETWORK', 'VOLUME'].map((kind) => `ERR_TSBOX_NO_SUCH_${kind}`);

function isMissing(error: unknown): boolean {
  return error instanceof TsboxError && [...MISSING, 'ERR_TSBOX_IMAGE_NOT_FOUND'].includes(error.code);
}

function noSuchObject(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_CONTAINER', {
    what: `cannot inspect ${JSON.stringify(name)}`,
    why: 'there is no container, network, volume or image of that name or id',
    fix: 'tsbox ps -a lists the containers',
  });
}

/** All but a container's own part needs more than the records: loaded when it is asked for. */
const INSPECT: { readonly [Kind in Type]: (name: string, globals: Globals, size: boolean) => Promise<object> } = {
  container: async (name, globals, size) => {
    const { root } = await readStatePaths(globals);
    const inspection = inspectContainer(root, name);
    return size ? { ...inspection, ...(await sizesOf(inspection.Id, globals)) } : inspection;
  },
  network: async (name, globals) => {
    const { inspectNetwork } = await import('../../core/networks/list.js');
    const { asDocker } = await import('./network-inspect.js');
    const { openSession } = await import('../engine.js');
    const { engine } = await openSession(globals);
    try {
      return asDocker(await inspectNetwork(engine, name));
    } finally {
      await engine.close();
    }
  },
  volume: async (name, globals) => {
    const { inspectVolume } = await import('../../core/volumes/list.js');
    const { asDocker } = await import('./volume-inspect.js');
    return asDocker(inspectVolume((await readStatePaths(globals)).root, name));
  },
  image: async (name, globals) => {
    const { inspectImage } = await import('../image-inspect.js');
    return inspectImage((await readStatePaths(globals)).root, name);
  },
};

async function sizesOf(id: string, globals: Globals): Promise<object> {
  const { openSession } = await import('../engine.js');
  const { SizeReader } = await import('../../core/containers/size.js');
  const { engine } = await openSession(globals);
  try {
    const { written, total } = await new SizeReader(engine).read(id);
    return { SizeRw: written, SizeRootFs: total };
  } finally {
    await engine.close();
  }
}
