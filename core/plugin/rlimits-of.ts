import type { Gate } from '../kernel/gate.js';
import { RLIMITS, type RlimitName, type RlimitPair, readRlimit, UNLIMITED } from '../kernel/rlimits.js';
import { TsboxError } from './error.js';
import type { Rlimit } from './spec.js';

/**
 * No core files, which the host's core_pattern would handle. And Node raises its own soft limit of
 * open files to the hard one at start; programs that use select(2), or close every descriptor that
 * there could be, expect the usual 1024 and raise it themselves if they need more.
 */
const USUAL_FILES = 1024n;

/**
 * What is to be set, by name. Limits are never raised above the caller's hard ones.
 * @throws TsboxError where that was asked
 */
export function limitsOf(asked: readonly Rlimit[], gate: Gate): Map<RlimitName, RlimitPair> {
  const limits = new Map<RlimitName, RlimitPair>([['core', { soft: 0n, hard: 0n }]]);
  const { soft, hard } = readRlimit(gate, 'nofile');
  if (soft > USUAL_FILES) limits.set('nofile', { soft: USUAL_FILES, hard });
  for (const limit of asked) {
    const name = checkedName(limit.name);
    const pair = { soft: toKernel(limit.soft), hard: toKernel(limit.hard) };
    const present = readRlimit(gate, name);
    if (pair.hard > present.hard) throw aboveHard(name, pair.hard, present.hard);
    limits.set(name, pair);
  }
  return limits;
}

function toKernel(value: number): bigint {
  return value === -1 ? UNLIMITED : BigInt(value);
}

function checkedName(name: string): RlimitName {
  if (Object.hasOwn(RLIMITS, name)) return name as RlimitName;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot set the limit ${JSON.stringify(name)}`,
    why: 'there is no such limit',
    fix: `limits: ${Object.keys(RLIMITS).join(', ')}`,
  });
}

/** Also for one who could raise it: CAP_SYS_RESOURCE is not a thing to use for a container by accident. */
function aboveHard(name: string, wanted: bigint, hard: bigint): TsboxError {
  const text = (value: bigint) => (value === UNLIMITED ? 'unlimited' : String(value));
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot set --ulimit ${name} to ${text(wanted)}`,
    why: `the hard limit of tsbox itself is ${text(hard)}, and limits are never raised`,
    fix: [
      `--ulimit ${name}=${text(hard)}`,
      `or raise it before tsbox starts: prlimit --${name}=${text(wanted)} --pid $$`,
    ],
  });
}
