import type { EncodedProgram } from '../program/encode.js';
import type { OpArg } from '../program/memory.js';
import { Memory } from '../program/memory.js';
import type { Op, OpKind } from '../program/op.js';

/** One line of a plan or a trace: a step of the engine, or an op of the program. */
export interface PlanEntry {
  /** Who does it: the engine's process, stage one of the launcher, the container's first process. */
  readonly where: 'engine' | 'launcher' | 'child';
  readonly plugin: string;
  readonly hook: string;
  /** A verb, or the name of the system call. */
  readonly action: string;
  readonly target: string;
  readonly note?: string;
  /** In a trace: nanoseconds from the beginning of the launch; undefined where it was not done. */
  startNs?: number;
  /** In a trace: nanoseconds that it took; undefined where it was jumped over, and for an exec. */
  durationNs?: number;
  /** In a trace: name of the errno that an op ended with. The program went on unless it is the last one. */
  error?: string;
}

export interface Plan {
  readonly entries: readonly PlanEntry[];
  /** The child program, encoded for this machine: what the launcher would execute. */
  readonly program: EncodedProgram;
  /** The same as a `config.json` of the OCI runtime specification, as text. */
  oci(): Promise<string>;
}

const NOT_LISTED = new Set<OpKind>(['copy']);

/** What a trace knows of an op, by its index. */
export type OpTrace = Pick<PlanEntry, 'startNs' | 'durationNs' | 'error'>;

/** Steps and ops in the order in which they are executed. */
export function listing(
  steps: readonly PlanEntry[],
  ops: readonly Op[],
  traces: readonly (OpTrace | undefined)[] = [],
): PlanEntry[] {
  const entries = ops.flatMap((op, index) => (isListed(op) ? [{ ...describeOp(op), ...traces[index] }] : []));
  const waiting = (step: PlanEntry) => step.hook === 'postClone';
  return [
    ...steps.filter((step) => !waiting(step)),
    ...entries.filter(({ where }) => where === 'launcher'),
    ...steps.filter(waiting),
    ...entries.filter(({ where }) => where === 'child'),
  ];
}

/** How an op appears in a plan. */
export function describeOp(op: Op): PlanEntry {
  const where = op.block === 'launcher' ? 'launcher' : 'child';
  const target = op.args
    .filter((arg) => arg !== null)
    .map(describeArg)
    .join(' ');
  const { plugin, hook, note } = op;
  return { where, plugin, hook, action: op.name, target, ...(note && { note }) };
}

/** Moving bytes inside the program is no step that a reader of the plan cares about. */
function isListed(op: Op): boolean {
  return !NOT_LISTED.has(op.kind);
}

function describeArg(arg: OpArg): string {
  if (arg instanceof Memory) return describeMemory(arg);
  if (arg instanceof Uint8Array) return `<${arg.length} bytes>`;
  if (typeof arg === 'number' && arg > 0xffff) return `0x${arg.toString(16)}`;
  if (typeof arg === 'bigint' && arg > 0xffffn) return `0x${arg.toString(16)}`;
  return String(arg) || '""';
}

function describeMemory(memory: Memory): string {
  if (memory.label !== 'vector' && memory.label !== 'argv') return String(memory);
  return [...memory.pointers.values()].map(String).join(' ');
}
