import { TsboxError } from '../core/plugin/error.js';
import { printError, wantsColor } from './output.js';

export interface ReportOptions {
  /** Exit status of the command's failures. */
  readonly failure: 125 | 1;
  readonly debug: boolean;
}

/** Prints an error to stderr. @returns the exit status */
export function reportError(error: unknown, options: ReportOptions): number {
  const known = toTsboxError(error);
  printError(formatError(known, { ...options, color: wantsColor(2, process.env) }));
  if (options.failure === 1) return 1;
  // 1 would be a status of the command in the container.
  return known.exitStatus === 1 ? 125 : known.exitStatus;
}

/** `tsbox: WHAT: WHY`, then indented lines that mend it, then the code. */
export function formatError(error: TsboxError, options: { readonly debug: boolean; readonly color: boolean }): string {
  const [bold, plain] = options.color ? ['\u001b[1m', '\u001b[0m'] : ['', ''];
  const lines = [
    `${bold}tsbox:${plain} ${error.what}: ${error.why}`,
    ...error.fixes.map((fix) => `  ${bold}fix:${plain} ${fix}`),
    ...error.undoErrors.map((undone) => `  and could not undo: ${undone.message}`),
    ...(error.undoErrors.length > 0 ? [`  ${bold}fix:${plain} tsbox gc`] : []),
    `  ${error.code}`,
    ...(error.diagnosis === undefined ? [] : [`  tsbox explain ${error.diagnosis}`]),
    ...(options.debug ? [stacks(error)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function stacks(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\nCaused by: ${stacks(error.cause)}` : own;
}

function toTsboxError(error: unknown): TsboxError {
  if (error instanceof TsboxError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const fix = 'run it again with --debug and report what it says';
  return new TsboxError('ERR_TSBOX_STATE', { what: 'internal error', why, fix, cause: error });
}
