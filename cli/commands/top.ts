import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Command } from 'commander';
import { readGroups, readUsers } from '../../core/image/passwd-file.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { PS_COLUMNS, type PsContext } from '../ps-columns.js';
import { parsePsOptions } from '../ps-options.js';
import { formatTable } from '../table.js';

/** Docker's, for what ps prints. */
const LAYOUT = { gap: 3, narrowest: 20 } as const;

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .argument('[ps-options...]', '-ef (the default), aux, or -o with a list of columns')
    .passThroughOptions();
  command.action(async (name: string, args: string[], _options: object, parsed: Command) => {
    const columns = parsePsOptions(args);
    const { engine } = await openSession(readGlobals(parsed, process.env));
    const { topContainer } = await import('../../core/containers/top.js');
    const processes = await topContainer(engine, name);
    await engine.close();
    const context = readContext();
    const rows = processes.map((process) =>
      columns.map((column) => String(PS_COLUMNS[column.name]?.value(process, context))),
    );
    print(formatTable([columns.map(({ header }) => header), ...rows], LAYOUT));
    finish(0);
  });
}

function readContext(): PsContext {
  const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000;
  const users = readUsers(textOf('/etc/passwd')).map(({ uid, name }) => [uid, name] as const);
  const groups = readGroups(textOf('/etc/group')).map(({ gid, name }) => [gid, name] as const);
  return { now: Date.now(), bootTime, memory: totalmem(), users: byId(users), groups: byId(groups) };
}

/** The first name of an id counts. */
function byId(entries: readonly (readonly [id: number | undefined, name: string])[]): Map<number, string> {
  return new Map(entries.toReversed().flatMap(([id, name]) => (id === undefined ? [] : [[id, name]])));
}

/** A machine may do without these files: ids are shown then. */
function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
