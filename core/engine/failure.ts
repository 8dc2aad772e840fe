import { ERRNO, errnoName, errnoNumber } from '../kernel/errno.js';
import { getSystemErrorMessage } from '../kernel/errno-message.js';
import { hasCode } from '../kernel/error.js';
import type { WaitStatus } from '../kernel/gate.js';
import { type FailureFacts, TsboxError } from '../plugin/error.js';
import type { EncodedProgram } from '../program/encode.js';
import type { Op } from '../program/op.js';
import type { ProgramSession, ProgramState } from '../program/session.js';
import { storageFix } from '../state/storage-error.js';
import { describeOp } from './plan.js';

/** The ops of a program, one by one too. */
export type ProgramOps = Pick<EncodedProgram, 'ops' | 'op'>;

/** What a program left: which op failed, and how all of them ended. */
export type ProgramTrail = Pick<ProgramSession, 'outcomes'> & {
  state(): Pick<ProgramState, 'current' | 'failed' | 'errno'>;
};

/**
 * What went wrong in a program that did not become the command, from what the launcher left in its
 * header. Decided by the op that failed, never by text.
 * @returns undefined when the command was executed
 */
export function programFailure(
  session: ProgramTrail,
  command: readonly string[],
  program: ProgramOps,
): TsboxError | undefined {
  const { failed, errno, current } = session.state();
  const refused = failed && commandFailure(session, command, program.ops);
  if (refused) return refused;
  if (failed) return opFailed(failed, errno);
  const last = program.op(current);
  // The launcher notes an op before it runs it: an execve that worked is the last one noted.
  if (last?.name === 'execve') return undefined;
  return died(last);
}

/** What is wrong with the command, where it was its execve that failed. */
export function commandFailure(
  session: ProgramTrail,
  command: readonly string[],
  ops: readonly Op[],
): TsboxError | undefined {
  const { failed, errno } = session.state();
  if (failed?.block === 'exec' && failed.kind === 'fail' && errno === errnoNumber('ENOENT'))
    return notExecuted(session, command, ops);
  return failed?.name === 'execve' ? cannotExecute(command, errno) : undefined;
}

/** Why the first process ended before it was the command: a signal, if `status` says so. */
export function diedOf(error: TsboxError, status: WaitStatus, oomKilled: boolean): TsboxError {
  if (status.signal === null) return error;
  const why = oomKilled ? 'the memory limit is too small for the set-up itself' : `signal ${status.signal} ended it`;
  const fix = oomKilled ? 'raise --memory' : [];
  const { code, what, facts } = error;
  return new TsboxError(code, { what, why, fix, cause: error, facts, ...(oomKilled && { diagnosis: OUT_OF_MEMORY }) });
}

const OUT_OF_MEMORY = 'memory-limit-too-small';

/** A candidate that is there but may not be executed is the reason, whatever else was not found. */
function notExecuted(session: ProgramTrail, command: readonly string[], ops: readonly Op[]): TsboxError {
  const outcomes = session.outcomes();
  const denied = -errnoNumber('EACCES');
  const refused = ops.findIndex((op, index) => op.name === 'execve' && outcomes[index] === denied);
  if (refused >= 0) return cannotExecute(command, errnoNumber('EACCES'));
  const name = command[0] as string;
  return new TsboxError('ERR_TSBOX_COMMAND_NOT_FOUND', {
    what: `cannot run ${JSON.stringify(name)}`,
    why: name.includes('/')
      ? 'no such file, or its interpreter is missing in the image'
      : 'executable file not found in $PATH',
    fix: name.includes('/')
      ? 'check the path as the container sees it'
      : 'give a full path, install it in the image, or set PATH with -e',
    facts: commandFacts(command, errnoNumber('ENOENT')),
  });
}

function cannotExecute(command: readonly string[], errno: number): TsboxError {
  return new TsboxError('ERR_TSBOX_CANNOT_EXECUTE', {
    what: `cannot run ${JSON.stringify(command[0])}`,
    why: `${getSystemErrorMessage(errno)} (${errnoName(errno)})`,
    fix: EXEC_FIXES[errnoName(errno)] ?? 'see execve(2)',
    facts: commandFacts(command, errno),
  });
}

function commandFacts(command: readonly string[], errno: number): FailureFacts {
  return { kind: 'command', action: 'execve', target: command[0] as string, errno: errnoName(errno) };
}

const EXEC_FIXES: Readonly<Record<string, string>> = {
  EACCES: 'it must be a regular file with its x bit set, on a file system without noexec',
  ENOEXEC: 'it is neither an ELF file for this machine nor a script that begins with #!',
  EPERM: 'the program needs privileges that the container was not given',
  E2BIG: 'the command line and environment are too long together',
};

/**
 * A system call's error that nobody has put into words yet. Any other error is returned as it is: one of
 * ours, an abort, or a bug.
 */
export function inWords(error: unknown, what: string): unknown {
  if (error instanceof TsboxError || !hasCode(error, ...Object.keys(ERRNO))) return error;
  const { message, code } = error as Error & { readonly code: string };
  const fix = storageFix(code) ?? [];
  return new TsboxError('ERR_TSBOX_STEP_FAILED', { what, why: message, fix, cause: error });
}

/** What was in the way of the op is the machine, whatever the op is for. */
const STORE = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'];

export function opFailed(op: Op, errno: number, what = 'set up the container'): TsboxError {
  const entry = describeOp(op);
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: `${op.plugin} could not ${what}`,
    why: `${entry.action} ${entry.target}: ${errnoName(errno)} (${getSystemErrorMessage(errno)})${op.note ? `; ${op.note}` : ''}`,
    fix: STORE.includes(errnoName(errno)) ? (storageFix(errnoName(errno)) ?? []) : (op.hint ?? []),
    facts: opFacts('op', op, errno),
  });
}

function opFacts(kind: 'op' | 'died', op: Op, errno?: number): FailureFacts {
  const { plugin, hook, action, target } = describeOp(op);
  return { kind, plugin, hook, action, target, ...(errno !== undefined && { errno: errnoName(errno) }) };
}

function died(last: Op | undefined): TsboxError {
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: 'the container ended while it was set up',
    why: last ? `in ${last.name} of ${last.plugin}` : 'before its first operation',
    facts: last ? opFacts('died', last) : { kind: 'died', action: 'start', target: 'the launcher' },
  });
}
