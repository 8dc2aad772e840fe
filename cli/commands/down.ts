import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { parseSeconds } from '../../core/config/parse/life.js';
import { TsboxError } from '../../core/plugin/error.js';
import { downServices, findEnvironments, findServices } from '../../core/services/index.js';
import type { Finish } from '../command.js';
import { openSession, type Session, warn } from '../engine.js';
import { addTargetOptions } from '../environment-options.js';
import { readTarget, type TargetFlags } from '../environment-target.js';
import { type Globals, readGlobals } from '../globals.js';
import { ServicePrinter } from '../service-printer.js';
import { flag } from '../stop-options.js';

interface Flags extends TargetFlags {
  readonly volumes?: boolean;
  readonly timeout?: string;
}

export function define(command: Command, finish: Finish): void {
  addTargetOptions(command)
    .argument('[name]', 'an environment; default: that of this directory')
    .option('-v, --volumes', 'with the named volumes that up made')
    .option('-t, --timeout <seconds>', 'how long a container may take to end (default: its own)');
  command.action(async (name: string | undefined, flags: Flags, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const session = await openSession(globals);
    try {
      const environment = name ?? (await environmentHere(flags, session, globals));
      const services = findServices(session.engine.paths.root, environment).map((service) => service.name);
      const printer = new ServicePrinter(services, globals.quiet);
      const removed = await downServices(session.engine, environment, {
        volumes: flags.volumes ?? false,
        onEvent: (event) => printer.event(event),
        onWait: () => warn('another tsbox works on this environment; waiting for it', globals),
        ...(flags.timeout !== undefined && { timeout: parseSeconds(flag('timeout', flags.timeout)) }),
      });
      if (removed === 0) warn(`nothing of environment "${environment}" is there`, globals);
      finish(0);
    } finally {
      await session.engine.close();
    }
  });
}

/** By what `up` left here; its file is asked only where that does not say it, because it may have changed since. */
async function environmentHere(flags: Flags, session: Session, globals: Globals): Promise<string> {
  const { root } = session.engine.paths;
  const file = flags.file?.[0];
  const directories = file === undefined ? upwards(process.cwd()) : [dirname(resolve(file))];
  const found =
    directories.map((directory) => findEnvironments(root, directory)).find((names) => names.length > 0) ?? [];
  const [only] = found;
  if (found.length === 1 && only !== undefined && flags.projectName === undefined) return only;
  if (flags.projectName !== undefined) return flags.projectName;
  try {
    return (await readTarget([], flags, globals)).environment.name;
  } catch (error) {
    if (found.length > 1) throw several(found);
    throw error;
  }
}

function upwards(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
}

function several(names: readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot choose an environment',
    why: `there are ${names.join(', ')} here`,
    fix: `tsbox down ${names[0]}`,
  });
}
