import * as util from 'node:util';

/** strerror(3)'s text, through libuv's table: Node 20 has it under `getSystemErrorMap`. */
export function getSystemErrorMessage(errno: number): string {
  return util.getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
}
