import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readCgroupFile, writeCgroupFile } from '../kernel/cgroup-file.js';
import { parseCpuList } from '../kernel/cpu-list.js';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from './error.js';
import { LIMIT_FLAGS, type LimitName } from './limits.js';
import type { ResourceSpec } from './spec.js';

/** One value in one file of a container's cgroup, and the request that it enforces. */
export interface LimitWrite {
  readonly limit: LimitName;
  /** v1: finds the hierarchy; v2: must be enabled in the parent. */
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** Taken where the kernel lacks `file`: the same limit by another name, in its own units. */
  readonly otherwise?: { readonly file: string; readonly value: string };
  /** A default that nobody asked for: left out where the kernel lacks the file. */
  readonly optional?: true;
  /** Reads the kernel's own idea back, from `file` of the same cgroup, and says whether it is what was asked. */
  readonly verify?: { readonly file: string; readonly holds: (text: string) => boolean };
}

/** `pids.max=100`, for facts. */
export function formatWrite({ file, value }: LimitWrite): string {
  return `${file}=${value}`;
}

/** A limit that is not there is an error, never dropped. */
export function notEnforceable(
  limit: LimitName,
  why: string,
  fix: string | readonly string[],
  cause?: unknown,
  diagnosis?: string,
): TsboxError {
  const what = `cannot enforce ${LIMIT_FLAGS[limit]}`;
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', { what, why, fix, cause, diagnosis });
}

/** A pids limit, by the file that both versions have; -1 is none. */
export function pidsWrites({ pidsLimit }: ResourceSpec): LimitWrite[] {
  if (pidsLimit === undefined || pidsLimit === -1) return [];
  // The command itself is one: with 0 there would be no container.
  return [{ limit: 'pidsLimit', controller: 'pids', file: 'pids.max', value: String(Math.max(1, pidsLimit)) }];
}

/**
 * CPU and node sets, by the files that both versions have. v2 takes any list; what holds is its
 * intersection with the parents'.
 * @param effective the suffix of the file in which the kernel says what it took
 */
export function cpusetWrites({ cpusetCpus, cpusetMems }: ResourceSpec, effective: '' | '.effective'): LimitWrite[] {
  const set = (limit: LimitName, file: string, value: string | undefined): LimitWrite[] => {
    if (value === undefined) return [];
    const wanted = parseCpuList(value).join();
    const holds = (text: string) => text !== '' && parseCpuList(text).join() === wanted;
    return [{ limit, controller: 'cpuset', file, value, verify: { file: `${file}${effective}`, holds } }];
  };
  return [...set('cpusetCpus', 'cpuset.cpus', cpusetCpus), ...set('cpusetMems', 'cpuset.mems', cpusetMems)];
}

/** The file that this kernel has for a limit, and what is written to it; undefined: left out. */
export function limitFile(directory: string, write: LimitWrite): { file: string; value: string } | undefined {
  const missing = !existsSync(`${directory}/${write.file}`);
  if (missing && write.optional) return undefined;
  return missing && write.otherwise ? write.otherwise : write;
}

/** Writes a limit and checks that it holds. @throws TsboxError ERR_TSBOX_NOT_ENFORCEABLE */
export function enforceLimit(directory: string, write: LimitWrite): void {
  const { limit, verify } = write;
  const chosen = limitFile(directory, write);
  if (!chosen) return;
  const { file, value } = chosen;
  const path = `${directory}/${file}`;
  const leaveOut = `leave out ${LIMIT_FLAGS[limit]}`;
  try {
    writeCgroupFile(path, value);
  } catch (error) {
    throw notEnforceable(limit, refusal(error, path, value), leaveOut, error, 'limit-refused');
  }
  if (!verify) return;
  const found = readCgroupFile(`${directory}/${verify.file}`);
  if (!verify.holds(found))
    throw notEnforceable(limit, `${path} was given ${value}, but ${verify.file} is ${found}`, leaveOut);
}

function refusal(error: unknown, path: string, value: string): string {
  if (hasCode(error, 'ENOENT')) return `this kernel has no ${basename(path)}`;
  // v1, of a limit that is lowered.
  if (hasCode(error, 'EBUSY')) return `the container uses more than ${value} bytes, which the kernel cannot take back`;
  return `the kernel refuses ${value} in ${path} (${(error as NodeJS.ErrnoException).code})`;
}

/** The kernel rounds bytes down to pages, of up to 64 KiB. */
export function bytesHold(asked: number): (text: string) => boolean {
  return (text) => /^\d+$/.test(text) && Number(text) <= asked && asked - Number(text) < 65_536;
}
