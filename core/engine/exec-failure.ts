import { errnoName } from '../kernel/errno.js';
import { getSystemErrorMessage } from '../kernel/errno-message.js';
import type { WaitStatus } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import type { Command } from '../plugin/launch.js';
import type { Spec } from '../plugin/spec.js';
import type { EncodedProgram } from '../program/encode.js';
import type { Op } from '../program/op.js';
import type { EntrySession } from './exec-session.js';
import { notRunning } from './exec-target.js';
import { commandFailure, opFailed } from './failure.js';

export interface EntryFailureContext {
  readonly session: EntrySession;
  readonly program: EncodedProgram;
  /** How the entrant ended. */
  readonly left: WaitStatus;
  readonly command: Command;
  readonly reference: string;
  readonly spec: Spec;
  /** Whether the container's first process still lives. */
  readonly lives: () => boolean;
}

/** Why the command was not executed; undefined when it was. Decided by the op that failed, never by text. */
export function entryFailure(context: EntryFailureContext): TsboxError | undefined {
  const { session, program, left, command, reference, spec, lives } = context;
  const { failed, errno } = session.state();
  if (!failed && left.exitCode === 0) return undefined;
  const refused = commandFailure(session, command.argv, program.ops);
  if (refused) return refused;
  if (!lives()) return notRunning(reference);
  if (!failed) return died(left);
  if (isClone(failed) && errnoName(errno) === 'EAGAIN') return processLimit(spec);
  if (isWorkingDirectory(failed)) return noWorkingDirectory(command.cwd, errno);
  return opFailed(failed, errno, 'enter the container');
}

function isClone({ kind }: Op): boolean {
  return kind === 'enter' || kind === 'clone';
}

/** What the handlers of preExec open by a path is the working directory of the command, which is the command's fault. */
function isWorkingDirectory({ block, name }: Op): boolean {
  return block === 'preExec' && (name === 'openat2' || name === 'fchdir');
}

function noWorkingDirectory(cwd: string, errno: number): TsboxError {
  return new TsboxError('ERR_TSBOX_CANNOT_EXECUTE', {
    what: `cannot use the working directory ${cwd}`,
    why: `${getSystemErrorMessage(errno)} (${errnoName(errno)})`,
    fix: [
      'make it in the container first, or give another one with -w',
      'links are followed inside the container only',
    ],
  });
}

function processLimit({ resources }: Spec): TsboxError {
  const { pidsLimit } = resources;
  const limited = pidsLimit !== undefined && pidsLimit > 0;
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: 'cannot start another process in the container',
    why: limited
      ? `it has as many as its --pids-limit of ${pidsLimit} allows; exec takes two for a moment`
      : 'its user, or the machine, has as many as are allowed',
    fix: limited ? `raise it: tsbox update --pids-limit=${pidsLimit + 2}` : 'see ulimit -u, and pid_max in proc(5)',
    diagnosis: limited ? 'exec-pids-limit' : 'pids-limit',
  });
}

function died({ signal, exitCode }: WaitStatus): TsboxError {
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: 'cannot enter the container',
    why:
      signal === null
        ? `the launcher ended with ${exitCode} and left no reason`
        : `signal ${signal} ended the process that enters; with a memory limit it may be the kernel, out of memory`,
  });
}
