import type { LaunchFacts } from './diagnosis.js';
import { searchOf } from './facts.js';
import { lookAtCommand } from './look/command-file.js';
import { type HostLook, RealHostLook } from './look/host-look.js';
import { missingLibrary } from './look/libraries.js';

/** What a status of the command means that was not its own to choose. */
export interface Afterthought {
  readonly explanation: string;
  readonly diagnosis: string;
}

const S_ISUID = 0o4000;
/** ld.so(8) ends a program with it that it could not load. */
const NOT_LOADED = 127;

/** Why a command failed that was executed, where its file tells; undefined where it does not. Never throws. */
export function afterRun(
  launch: LaunchFacts,
  status: number,
  host: HostLook = new RealHostLook(),
): Afterthought | undefined {
  try {
    return status === NOT_LOADED ? notLoaded(launch) : withoutPrivileges(launch, host);
  } catch {
    return undefined;
  }
}

function notLoaded(launch: LaunchFacts): Afterthought | undefined {
  const search = searchOf(launch);
  const command = search && lookAtCommand(search);
  if (!search || !command?.elf?.interpreter) return undefined;
  const missing = missingLibrary(command.path, command.elf, search.files);
  if (!missing) return undefined;
  const explanation = `${missing.wantedBy} needs the shared library ${missing.name}, which is not in the image: install it there`;
  return { explanation, diagnosis: 'library-missing' };
}

/** A set-user-ID program of another user that ran as its caller. */
function withoutPrivileges(launch: LaunchFacts, host: HostLook): Afterthought | undefined {
  const search = searchOf(launch);
  if (!search || launch.command?.uid === 0) return undefined;
  const command = lookAtCommand(search);
  if (!command || (command.file.mode & S_ISUID) === 0) return undefined;
  if (launch.noNewPrivileges) {
    const explanation = `${command.path} is set-user-ID, and no_new_privs keeps it from the rights of its owner: -u 0, or --security-opt no-new-privileges=false`;
    return { explanation, diagnosis: 'setuid-refused' };
  }
  const mount = host.mountOf(command.file.origin);
  if (!mount?.flags.includes('nosuid')) return undefined;
  const explanation = `${command.path} is set-user-ID, and on ${mount.target}, which is mounted nosuid: mount -o remount,suid ${mount.target}`;
  return { explanation, diagnosis: 'nosuid-store' };
}
