import { errnoName, errnoNumber } from '../kernel/errno.js';
import { getSystemErrorMessage } from '../kernel/errno-message.js';
import type { WaitStatus } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import type { Op } from '../program/op.js';
import type { ProgramSession } from '../program/session.js';
import { describeOp } from './plan.js';

/**
 * What went wrong in a program that did not become the command, from what the launcher left in its
 * header. Decided by the op that failed, never by text.
 * @returns undefined when the command was executed
 */
export function programFailure(
  session: ProgramSession,
  command: readonly string[],
  ops: readonly Op[],
): TsboxError | undefined {
  const { failed, errno, current } = session.state();
  if (failed?.block === 'exec' && failed.kind === 'fail' && errno === errnoNumber('ENOENT')) {
    return notExecuted(session, command, ops);
  }
  if (failed?.name === 'execve') return cannotExecute(command, errno);
  if (failed) return opFailed(failed, errno);
  const last = ops[current];
  // The launcher notes an op before it runs it: an execve that worked is the last one noted.
  if (last?.name === 'execve') return undefined;
  return died(last);
}

/** Why the first process ended before it was the command: a signal, if `status` says so. */
export function diedOf(error: TsboxError, status: WaitStatus, oomKilled: boolean): TsboxError {
  if (status.signal === null) return error;
  const why = oomKilled ? 'the memory limit is too small for the set-up itself' : `signal ${status.signal} ended it`;
  const fix = oomKilled ? 'raise --memory' : [];
  return new TsboxError(error.code, { what: error.what, why, fix, cause: error });
}

/** A candidate that is there but may not be executed is the reason, whatever else was not found. */
function notExecuted(session: ProgramSession, command: readonly string[], ops: readonly Op[]): TsboxError {
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
  });
}

function cannotExecute(command: readonly string[], errno: number): TsboxError {
  return new TsboxError('ERR_TSBOX_CANNOT_EXECUTE', {
    what: `cannot run ${JSON.stringify(command[0])}`,
    why: `${getSystemErrorMessage(errno)} (${errnoName(errno)})`,
    fix: EXEC_FIXES[errnoName(errno)] ?? 'see execve(2)',
  });
}

const EXEC_FIXES: Readonly<Record<string, string>> = {
  EACCES: 'it must be a regular file with its x bit set, on a file system without noexec',
  ENOEXEC: 'it is neither an ELF file for this machine nor a script that begins with #!',
  EPERM: 'the program needs privileges that the container was not given',
  E2BIG: 'the command line and environment are too long together',
};

function opFailed(op: Op, errno: number): TsboxError {
  const entry = describeOp(op);
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: `${op.plugin} could not set up the container`,
    why: `${entry.action} ${entry.target}: ${errnoName(errno)} (${getSystemErrorMessage(errno)})${op.note ? `; ${op.note}` : ''}`,
    fix: op.hint ?? [],
  });
}

function died(last: Op | undefined): TsboxError {
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: 'the container ended while it was set up',
    why: last ? `in ${last.name} of ${last.plugin}` : 'before its first operation',
  });
}
