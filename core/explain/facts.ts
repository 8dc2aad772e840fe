import { hasCode } from '../kernel/error.js';
import { type FailureFacts, TsboxError } from '../plugin/error.js';
import type { LaunchFacts } from './diagnosis.js';
import type { CommandSearch } from './look/command-file.js';

/** What is known about an error: what its author put down, or what a system call in its causes says. */
export function factsOf(error: unknown): FailureFacts | undefined {
  const seen: unknown[] = [];
  let known: FailureFacts | undefined;
  for (let at = error; at instanceof Error && !seen.includes(at); at = at.cause) {
    seen.push(at);
    if (at instanceof TsboxError && at.facts) known ??= at.facts;
    const call = callOf(at);
    if (call) return known ? { ...call, ...known } : call;
  }
  return known;
}

/** An error of Node's `fs` or of the gate. */
function callOf(error: Error): FailureFacts | undefined {
  if (error instanceof TsboxError || !('syscall' in error) || !('code' in error)) return undefined;
  const { syscall, code } = error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return { kind: 'call', action: String(syscall), target: path ?? '', errno: String(code), ...(path && { path }) };
}

export function hasErrno({ errno }: FailureFacts, ...names: string[]): boolean {
  return errno !== undefined && names.includes(errno);
}

/** Whether a system call or a verb of these failed. */
export function isAction({ action }: FailureFacts, ...names: string[]): boolean {
  return names.includes(action);
}

/** The command whose execve(2) failed with this errno, and where it is searched. */
export function commandOf(
  facts: FailureFacts,
  launch: LaunchFacts | undefined,
  errno: string,
): CommandSearch | undefined {
  if (facts.kind !== 'command' || facts.errno !== errno || !launch?.command || !launch.files) return undefined;
  return searchOf(launch);
}

export function searchOf({ command, files }: LaunchFacts): CommandSearch | undefined {
  if (!command || !files) return undefined;
  const { argv, env } = command;
  const path = env.findLast((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '/bin:/usr/bin';
  return { argv, path, files };
}

/** Whether an error is one that the kernel made: those of a request that was refused have no errno. */
export function isKernels(error: unknown): boolean {
  return error instanceof Error && (hasCode(error, 'ERR_TSBOX_OP_FAILED', 'ERR_TSBOX_STEP_FAILED') || 'errno' in error);
}
