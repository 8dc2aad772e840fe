import { TsboxError } from '../plugin/error.js';
import { type GroupEntry, parseId, readGroups, readUsers } from './passwd-file.js';

/** Reads a file of the image; undefined if it is missing. */
export type ReadFile = (path: string) => string | undefined;

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** The primary group first, then the supplementary ones, each once. */
  readonly groups: readonly number[];
  readonly home: string;
}

/**
 * Looks up `user[:group]` as `-u` takes it. A user that looks like a number is a number, also where
 * an account has that name; a number without an account is allowed and has group 0 and home `/`.
 * A group that is given replaces the account's groups.
 *
 * @param spec undefined or empty: uid 0
 * @param extraGroups `--group-add`, names or numbers
 * @throws TsboxError ERR_TSBOX_NO_SUCH_USER for unknown names and ids above 2^32-2
 */
export function resolveUser(
  spec: string | undefined,
  extraGroups: readonly string[],
  readFile: ReadFile,
): ResolvedUser {
  const { user, group } = splitSpec(spec ?? '');
  const account = findAccount(user, readFile);
  const groupFile = once(() => readGroups(readFile('/etc/group') ?? ''));
  const gid = group === '' ? account.gid : findGroup(group, groupFile);
  const memberships = group === '' && account.name !== undefined ? memberOf(account.name, groupFile()) : [];
  const added = extraGroups.map((extra) => findGroup(extra, groupFile));
  // The primary group must be among the supplementary ones: a file that denies it to its group
  // could otherwise be read by dropping to another one (CVE-2022-36109).
  const groups = [...new Set([gid, ...memberships, ...added])];
  return { uid: account.uid, gid, groups, home: account.home };
}

interface Account {
  readonly name?: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function splitSpec(spec: string): { user: string; group: string } {
  const parts = spec.split(':');
  if (parts.length > 2 || spec === ':') {
    throw new TsboxError('ERR_TSBOX_NO_SUCH_USER', {
      what: `cannot use the user ${JSON.stringify(spec)}`,
      why: 'it is not of the form user[:group]',
      fix: 'give names or numbers: -u 1000:1000',
    });
  }
  return { user: parts[0] ?? '', group: parts[1] ?? '' };
}

function findAccount(user: string, readFile: ReadFile): Account {
  const id = user === '' ? 0 : parseId(user);
  if (id === 'out of range') throw outOfRange('user', user);
  const entry = readUsers(readFile('/etc/passwd') ?? '').find(({ name, uid }) =>
    id === undefined ? name === user : uid === id,
  );
  if (!entry) {
    if (id === undefined) throw notFound('user', user, 'passwd');
    return { uid: id, gid: 0, home: '/' };
  }
  if (entry.uid === undefined || entry.gid === undefined) throw brokenEntry('user', user, 'passwd');
  return { name: entry.name, uid: entry.uid, gid: entry.gid, home: entry.home };
}

function findGroup(group: string, groupFile: () => readonly GroupEntry[]): number {
  const id = parseId(group);
  if (id === 'out of range') throw outOfRange('group', group);
  if (id !== undefined) return id;
  const entry = groupFile().find(({ name }) => name === group);
  if (!entry || group === '') throw notFound('group', group, 'group');
  if (entry.gid === undefined) throw brokenEntry('group', group, 'group');
  return entry.gid;
}

function memberOf(name: string, groups: readonly GroupEntry[]): number[] {
  return groups.flatMap(({ gid, members }) => (gid !== undefined && members.includes(name) ? [gid] : []));
}

function notFound(kind: string, name: string, file: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_USER', {
    what: `unable to find ${kind} ${name}`,
    why: `no matching entries in ${file} file`,
    fix: `give a number, or a ${kind} that the image's /etc/${file} has`,
  });
}

function brokenEntry(kind: string, name: string, file: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_USER', {
    what: `unable to use ${kind} ${name}`,
    why: `its entry in the image's /etc/${file} has no valid id`,
    fix: `mend /etc/${file} in the image, or give a number`,
  });
}

function outOfRange(kind: string, text: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_USER', {
    what: `unable to use ${kind} ${text}`,
    why: 'ids are numbers from 0 to 4294967294',
    fix: 'give an id in that range, or a name',
  });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
