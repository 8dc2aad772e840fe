/** 2^32-1 is (uid_t)-1, which setresuid(2) reads as "leave it as it is". */
const MAX_ID = 2 ** 32 - 2;

export interface UserEntry {
  readonly name: string;
  /** Undefined where the field is not a valid id: such an entry must never be taken for 0. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly home: string;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number | undefined;
  readonly members: readonly string[];
}

/** An id: its number; undefined for what does not look like a number and so is a name. */
export function parseId(text: string): number | undefined | 'out of range' {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const id = /^[0-9]+$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  return id >= 0 && id <= MAX_ID ? id : 'out of range';
}

/** passwd(5): name, password, uid, gid, comment, home, shell. */
export function readUsers(text: string): UserEntry[] {
  return lines(text).map(([name = '', , uid, gid, , home = '']) => ({
    name,
    uid: idField(uid),
    gid: idField(gid),
    home: home === '' ? '/' : home,
  }));
}

/** group(5): name, password, gid, members. */
export function readGroups(text: string): GroupEntry[] {
  return lines(text).map(([name = '', , gid, members = '']) => ({
    name,
    gid: idField(gid),
    members: members
      .split(',')
      .map((member) => member.trim())
      .filter(Boolean),
  }));
}

function idField(field: string | undefined): number | undefined {
  const id = parseId(field?.trim() ?? '');
  return id === 'out of range' ? undefined : id;
}

function lines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}
