import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { hasCode } from '../../core/plugin/index.js';
import { type IdRange, rangeProblem } from './id-maps.js';

export const SUBUID = '/etc/subuid';
export const SUBGID = '/etc/subgid';

/** Subordinate ids of one owner: subuid(5), subgid(5). */
export interface SubordinateIds {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

const LINE = /^([^:]+):(\d{1,10}):(\d{1,10})$/;

/**
 * The ranges of one owner in a file of subuid(5)'s form, in the order of the file.
 * A line that is none is left out, as newuidmap(1) does; so is a range that leaves the id space.
 * @param owners a login name, a uid as text, or both
 */
export function parseSubordinate(text: string, owners: readonly string[]): IdRange[] {
  const ranges: IdRange[] = [];
  for (const line of text.split('\n')) {
    const [, owner, start, size] = LINE.exec(line.trim()) ?? [];
    if (owner === undefined || !owners.includes(owner)) continue;
    const range = { start: Number(start), size: Number(size) };
    if (rangeProblem(range) === undefined) ranges.push(range);
  }
  return ranges;
}

/** What /etc/subuid and /etc/subgid give to an owner. */
export function subordinateIds(owners: readonly string[]): SubordinateIds {
  return {
    uids: parseSubordinate(readOptional(SUBUID), owners),
    gids: parseSubordinate(readOptional(SUBGID), owners),
  };
}

/** The caller's login name; undefined for a uid without an account, which newuidmap(1) refuses. */
export function callerName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
