import { errnoName } from './errno.js';
import { getSystemErrorMessage } from './errno-message.js';

/** A system call that failed. `code` is the errno name, as in Node's own errors. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly code: string;

  /**
   * @param syscall name of the call, e.g. `openat2`
   * @param errno positive errno number
   * @param args the arguments as text, for the message
   * @param path the path it was about, where there is one
   */
  constructor(
    readonly syscall: string,
    readonly errno: number,
    readonly args: string = '',
    readonly path?: string,
  ) {
    super(`${syscall}(${args}): ${errnoName(errno)} (${getSystemErrorMessage(errno)})`);
    this.code = errnoName(errno);
  }
}

/** Whether an error is a failed system call (ours or Node's) with one of these errno names. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
