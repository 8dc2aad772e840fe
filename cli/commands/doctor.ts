import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { environmentLayer } from '../../core/config/environment.js';
import { resolveSpec } from '../../core/config/resolve-spec.js';
import type { RunSettings } from '../../core/config/run-options.js';
import type { DriverInfo, Engine } from '../../core/engine/index.js';
import { examineHost } from '../../core/explain/index.js';
import type { DriverChoice, DriverKind } from '../../core/plugin/spec.js';
import type { Finish } from '../command.js';
import { type DriverReport, formatDoctor } from '../doctor-report.js';
import { openSession, type Session } from '../engine.js';
import { formatOption } from '../format.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';

const CHOICES = ['storage', 'network', 'resources', 'userns'] as const;

export function define(command: Command, finish: Finish): void {
  for (const kind of CHOICES) command.option(`--${kind} <driver>`, `examine this ${kind} driver as the chosen one`);
  command.addOption(formatOption());
  command.action(async (options: { readonly format: string } & RunSettings, parsed: Command) => {
    const session = await openSession(readGlobals(parsed, process.env));
    const { engine, paths } = session;
    try {
      const chosen = defaultDrivers(session, options);
      const host = examineHost(engine.gate, engine.host, paths);
      const drivers = await Promise.all((await engine.drivers()).map((info) => reportOf(engine, info, chosen)));
      const ok =
        host.every(({ preconditions }) => preconditions.every((one) => one.ok !== false)) && allWork(chosen, drivers);
      const report = { ok, host, drivers };
      if (options.format === 'table') print(formatDoctor(report));
      else print(`${JSON.stringify(report, undefined, options.format === 'json' ? 2 : undefined)}\n`);
      finish(ok ? 0 : 1);
    } finally {
      await engine.close();
    }
  });
}

/** What `run` would take without any flag, or what was given here. */
function defaultDrivers({ config, engine }: Session, options: RunSettings): DriverChoice {
  const directory = process.cwd();
  const given = CHOICES.flatMap((kind) => (options[kind] === undefined ? [] : [[kind, options[kind]]]));
  const values = Object.fromEntries(given) as RunSettings;
  const layers = [
    { kind: 'flag' as const, directory, values },
    environmentLayer(process.env, directory),
    ...config.layers,
  ];
  const host = { privileged: engine.host.privileged, cpus: availableParallelism(), environment: process.env };
  return resolveSpec({ image: 'host', command: ['true'], layers }, host).drivers;
}

async function reportOf(engine: Engine, info: DriverInfo, chosen: DriverChoice): Promise<DriverReport> {
  const { kind, name, plugin, support } = info;
  const driver = await engine.driver(kind, name);
  const asked = (chosen as unknown as Readonly<Record<string, string | undefined>>)[kind];
  const isChosen = asked === name || asked === 'auto' || asked?.split(':')[0] === name;
  return { kind, name, plugin, chosen: isChosen, support, preconditions: driver.preconditions?.() ?? [] };
}

/** Of `auto` one that works is enough; a name must work, and be there unless it is a network that was made. */
function allWork(chosen: DriverChoice, drivers: readonly DriverReport[]): boolean {
  return (Object.keys(chosen) as DriverKind[]).every((kind) => {
    const candidates = drivers.filter((driver) => driver.kind === kind && driver.chosen);
    if (candidates.length > 0) return candidates.some(({ support }) => support.works);
    return kind === 'network' && drivers.some(({ name, support }) => name === 'bridge' && support.works);
  });
}
