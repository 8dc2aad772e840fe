import { fstatSync, readdirSync, readSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { ProcessIdentity } from './process-identity.js';

/**
 * What `<runroot>/journal` holds:
 *
 * | name | what |
 * |---|---|
 * | `<id>.jsonl` | the journal of a container: a header, then entries, done lines and owner lines |
 * | `<id>@<pid>` | a symbolic link to it that says whose it is: looking for dead owners reads names, not files |
 * | `.making-<pid>-…` | a journal that has no header yet |
 */
export interface JournalHeader {
  readonly version: 1;
  readonly container: string;
  readonly owner: ProcessIdentity;
}

/** One acquisition: who made it, and how anyone can take it back. */
export interface JournalEntry {
  readonly seq: number;
  readonly plugin: string;
  /** Where that plugin was loaded from; undefined for a built-in one. */
  readonly module?: string;
  readonly kind: string;
  readonly args: JsonObject;
  /** Stays when the container stays: its directory, its name. */
  readonly keep?: boolean;
}

export interface DoneLine {
  readonly done: number;
}

/** The journal is another process's from here on. */
export interface OwnerLine {
  readonly owner: ProcessIdentity;
}

/** A journal as another process finds it. */
export interface FoundJournal {
  /** Undefined where it is damaged: whether its owner lives is not known then. */
  readonly header: JournalHeader | undefined;
  /** Newest first. */
  readonly held: JournalEntry[];
  /** What of it could not be read, in words. */
  readonly problem?: string;
}

export const JOURNAL_SUFFIX = '.jsonl';
/** Of a journal that is being made; the pid of who makes it follows. */
export const TEMPORARY_PREFIX = '.making-';

export function journalPath(runroot: string, container: string): string {
  return join(runroot, 'journal', `${container}${JOURNAL_SUFFIX}`);
}

/** A link that says whose a journal is. */
export interface OwnerMark {
  readonly container: string;
  /** 0: nobody's, see Journal.giveUp. */
  readonly pid: number;
}

/** @returns false when it was there */
export function markOwner(journal: string, pid: number): boolean {
  try {
    symlinkSync(basename(journal), markPath(journal, pid));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

export function unmarkOwner(journal: string, pid: number): void {
  removeIfThere(markPath(journal, pid));
}

/** Reads a mark's name; undefined for another file. */
export function readMark(file: string): OwnerMark | undefined {
  const at = file.indexOf('@');
  const pid = at > 0 && file[0] !== '.' ? Number(file.slice(at + 1)) : -1;
  return Number.isSafeInteger(pid) && pid >= 0 ? { container: file.slice(0, at), pid } : undefined;
}

/** Removes a journal and the marks on it. */
export function removeJournal(journal: string): void {
  removeIfThere(journal);
  const container = basename(journal, JOURNAL_SUFFIX);
  for (const file of readdirSync(dirname(journal))) {
    if (readMark(file)?.container === container) removeIfThere(join(dirname(journal), file));
  }
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/**
 * Reads a journal. A last line that was cut by a crash is ignored; of other lines that make no sense the
 * rest is still read.
 * @param fd a descriptor of it: the path may be gone by now
 */
export function readJournal(fd: number): FoundJournal {
  const open = new Map<number, JournalEntry>();
  let header: JournalHeader | undefined;
  let problem: string | undefined;
  const lines = wholeText(fd).split('\n');
  // What is behind the last newline was cut, or is empty.
  for (const [index, text] of lines.slice(0, -1).entries()) {
    const line = parsed(text);
    if (index === 0) {
      header = isHeader(line) ? line : undefined;
      if (!header) problem = versionProblem(line) ?? 'its first line is damaged';
    } else if (isOwner(line)) header = header && { ...header, owner: line.owner };
    else if (isDone(line)) open.delete(line.done);
    else if (isEntry(line)) open.set(line.seq, line);
    else problem ??= `line ${index + 1} is damaged`;
  }
  if (lines.length < 2) problem = 'it has no whole line';
  return { header, held: [...open.values()].reverse(), ...(problem !== undefined && { problem }) };
}

function markPath(journal: string, pid: number): string {
  return join(dirname(journal), `${basename(journal, JOURNAL_SUFFIX)}@${pid}`);
}

/** From its beginning, wherever an earlier reading ended. */
function wholeText(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

function versionProblem({ version }: Fields): string | undefined {
  return version === undefined || version === 1 ? undefined : `it has version ${JSON.stringify(version)}`;
}

function isHeader(line: Fields): line is Fields & JournalHeader {
  return line.version === 1 && typeof line.container === 'string' && isOwner(line);
}

function isOwner(line: Fields): line is Fields & OwnerLine {
  const { owner } = line;
  return typeof owner === 'object' && owner !== null && 'pid' in owner && 'startTime' in owner && 'bootId' in owner;
}

function isDone(line: Fields): line is Fields & DoneLine {
  return typeof line.done === 'number';
}

function isEntry(line: Fields): line is Fields & JournalEntry {
  const { seq, plugin, kind, args } = line;
  const named = typeof plugin === 'string' && typeof kind === 'string';
  return typeof seq === 'number' && named && typeof args === 'object' && args !== null;
}

/** Whether an earlier launch of a container acquired just this, and still has it. */
export function isKept(
  kept: readonly JournalEntry[],
  { plugin, kind, args }: Pick<JournalEntry, 'plugin' | 'kind' | 'args'>,
): boolean {
  const text = JSON.stringify(args);
  return kept.some((entry) => entry.plugin === plugin && entry.kind === kind && JSON.stringify(entry.args) === text);
}
