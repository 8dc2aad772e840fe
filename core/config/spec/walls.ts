import type {
  ChosenKind,
  DriverChoice,
  NamespaceMode,
  NamespaceSpec,
  SecuritySpec,
  UserRange,
} from '../../plugin/spec.js';
import { parseUserRange } from '../parse/identity.js';
import { parseCapability, parseNoNewPrivileges } from '../parse/security.js';
import { badValue, type Found } from '../place.js';
import type { RunKey } from '../run-options.js';
import type { Settings } from '../settings.js';

export function resolveNamespaces(settings: Settings): NamespaceSpec {
  const mode = (key: RunKey, standard: NamespaceMode = 'private'): NamespaceMode => {
    const found = settings.one(key);
    return found ? parseMode(found) : standard;
  };
  return {
    uts: mode('uts'),
    ipc: mode('ipc'),
    pid: mode('pid'),
    cgroup: mode('cgroupns'),
    time: mode('timens', 'host'),
  };
}

function parseMode(found: Found<string>): NamespaceMode {
  if (found.value === 'private' || found.value === 'host') return found.value;
  throw badValue(found, 'it is private or host');
}

/** @param privileged whether the caller can do without a user namespace */
export function resolveDrivers(settings: Settings, privileged: boolean): { drivers: DriverChoice; userns?: UserRange } {
  const userns = settings.one('userns');
  const range = userns && /^\d|:/.test(userns.value) ? parseUserRange(userns) : undefined;
  const driver = (key: ChosenKind, standard: string): string => {
    const found = settings.one(key);
    return found ? parseDriver(found, key === 'network') : standard;
  };
  const drivers = {
    storage: driver('storage', 'auto'),
    network: driver('network', privileged ? 'bridge' : 'none'),
    resources: driver('resources', 'auto'),
    userns: range ? 'range' : driver('userns', privileged ? 'host' : 'auto'),
    security: driver('security', 'none'),
  };
  return { drivers, ...(range && { userns: range }) };
}

/** Whether it exists is the engine's answer: plugins bring drivers of their own, and users make networks. */
function parseDriver(found: Found<string>, mayJoin: boolean): string {
  const [name = '', ...rest] = found.value.split(':');
  const isName = /^[a-z0-9][a-z0-9_.-]*$/i.test(name) && rest.every((part) => part !== '');
  if (isName && rest.length <= (mayJoin ? 1 : 0)) return found.value;
  throw badValue(found, mayJoin ? 'it is not the name of a network' : 'it is not the name of a driver');
}

/** `no_new_privs` is on unless somebody says otherwise or takes the walls down as a whole. */
export function resolveSecurity(settings: Settings): SecuritySpec {
  const privileged = settings.on('privileged');
  return {
    privileged,
    capAdd: [...new Set(settings.all('capAdd').map(parseCapability))],
    capDrop: [...new Set(settings.all('capDrop').map(parseCapability))],
    noNewPrivileges: settings.all('securityOpt').map(parseNoNewPrivileges).at(-1) ?? !privileged,
  };
}
