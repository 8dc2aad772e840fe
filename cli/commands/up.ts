import type { Command } from 'commander';
import { parseSeconds } from '../../core/config/parse/life.js';
import { type UpOptions, upServices } from '../../core/services/index.js';
import { selectServices } from '../../core/services/select.js';
import type { Finish } from '../command.js';
import { openSession, warn } from '../engine.js';
import { addTargetOptions } from '../environment-options.js';
import { readTarget, type TargetFlags } from '../environment-target.js';
import { readGlobals } from '../globals.js';
import { ServicePrinter } from '../service-printer.js';
import { flag } from '../stop-options.js';
import { upAttached } from '../up-attached.js';

interface Flags extends TargetFlags {
  readonly detach?: boolean;
  readonly profile?: string[];
  readonly timeout?: string;
  readonly forceRecreate?: boolean;
  readonly deps: boolean;
  readonly removeOrphans?: boolean;
  readonly wait?: boolean;
}

export function define(command: Command, finish: Finish): void {
  addTargetOptions(command)
    .usage('[OPTIONS] [NAME] [SERVICE...]')
    .argument('[name...]', 'an environment of the config file, and services of it; default: all of its services')
    .option('-d, --detach', 'leave them running in the background, when they are ready')
    .option('--profile <profile>', 'also the services of a profile; * is every one', append)
    .option('--wait', 'wait until all are ready and leave them running: what -d does')
    .option(
      '-t, --timeout <seconds>',
      'how long a container may take to end that is replaced or stopped (default: its own)',
    )
    .option('--force-recreate', 'replace what runs unchanged, too')
    .option('--no-deps', 'without what the named services wait for')
    .option('--remove-orphans', 'remove containers of services that are no more')
    .option('--ignore-unsupported', 'go on without what a compose file asks for and tsbox does not have');
  command.action(async (words: string[], flags: Flags, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const target = await readTarget(words, flags, globals);
    const session = await openSession(globals, target.config);
    try {
      const onWait = () => warn('another tsbox works on this environment; waiting for it', globals);
      const options: UpOptions = { ...readFlags(flags), services: target.services, onWait };
      const names = selectServices(target.environment, options).map(({ service }) => service.name);
      const printer = new ServicePrinter(names, globals.quiet);
      if (!flags.detach && !flags.wait) return finish(await upAttached(session, target, options, printer));
      await upServices(session.engine, target.environment, { ...options, onEvent: (event) => printer.event(event) });
      finish(0);
    } finally {
      await session.engine.close();
    }
  });
}

function readFlags({ profile = [], timeout, forceRecreate, deps, removeOrphans }: Flags): UpOptions {
  return {
    profiles: profile,
    noDependencies: !deps,
    forceRecreate: forceRecreate ?? false,
    removeOrphans: removeOrphans ?? false,
    ...(timeout !== undefined && { timeout: parseSeconds(flag('timeout', timeout)) }),
  };
}

function append(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
