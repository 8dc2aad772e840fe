import type { Spec } from '../../plugin/spec.js';
import { parseHostname } from '../parse/address.js';
import { parseVariable, readEnvFile } from '../parse/env.js';
import { parseGroup, parseName, parseUser } from '../parse/identity.js';
import { parseRlimit } from '../parse/rlimit.js';
import { badValue, type Found } from '../place.js';
import type { Settings } from '../settings.js';

type Process = Pick<
  Spec,
  | 'entrypoint'
  | 'name'
  | 'hostname'
  | 'domainname'
  | 'env'
  | 'workdir'
  | 'user'
  | 'groups'
  | 'tty'
  | 'init'
  | 'remove'
  | 'readOnly'
  | 'rlimits'
  | 'force'
>;

/** Who runs, where, and with which variables. */
export function resolveProcess(settings: Settings, caller: NodeJS.ProcessEnv): Process {
  return {
    ...settings.parsed('entrypoint', 'entrypoint', ({ value }) => (value === '' ? [] : [value])),
    ...settings.parsed('name', 'name', parseName),
    ...settings.parsed('hostname', 'hostname', parseHostname),
    ...settings.parsed('domainname', 'domainname', parseHostname),
    env: resolveEnv(settings, caller),
    ...settings.parsed('workdir', 'workdir', parseWorkdir),
    ...settings.parsed('user', 'user', parseUser),
    groups: settings.all('groupAdd').map(parseGroup),
    tty: settings.on('tty'),
    init: settings.on('init'),
    remove: settings.on('rm'),
    readOnly: settings.on('readOnly'),
    rlimits: lastOfEachName(settings.all('ulimit').map(parseRlimit)),
    force: settings.on('force'),
  };
}

/** In each layer files first, as docker does it: a variable that is named wins over a file that has it. */
function resolveEnv(settings: Settings, caller: NodeJS.ProcessEnv): string[] {
  const files = settings.all('envFile').map((found) => ({ found, read: readEnvFile }));
  const named = settings.all('env').map((found) => ({ found, read: parseVariable }));
  const farthestFirst = [...files, ...named].sort((a, b) => b.found.distance - a.found.distance);
  return farthestFirst.flatMap(({ found, read }) => read(found, caller));
}

function parseWorkdir(found: Found<string>): string {
  if (!found.value.startsWith('/')) throw badValue(found, 'it is not an absolute path');
  return found.value;
}

function lastOfEachName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}
