import { getSystemErrorMap } from 'node:util';

/** strerror(3)'s text, through libuv's table: Node 20 has it under `getSystemErrorMap`. */
export function getSystemErrorMessage(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
}
