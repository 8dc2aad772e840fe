import type { DriverInfo } from '../core/engine/index.js';
import type { HostPart } from '../core/explain/index.js';
import type { Precondition } from '../core/plugin/support.js';
import { wantsColor } from './output.js';

export interface DriverReport extends DriverInfo {
  /** `run` would take it, or one of those that are marked so. */
  readonly chosen: boolean;
  readonly preconditions: readonly Precondition[];
}

export interface DoctorReport {
  readonly ok: boolean;
  readonly host: readonly HostPart[];
  readonly drivers: readonly DriverReport[];
}

const COLORS = { good: 32, bad: 31, warn: 33, bold: 1 } as const;
const WIDTH = 34;

/** Grouped; a line for each precondition, and below it what mends it. */
export function formatDoctor({ ok, host, drivers }: DoctorReport): string {
  const parts = host.map(({ part, preconditions }) =>
    [paint('bold', part), ...preconditions.flatMap(lines)].join('\n'),
  );
  const kinds = [...new Set(drivers.map(({ kind }) => kind))];
  const groups = kinds.map((kind) => {
    const own = drivers.filter((driver) => driver.kind === kind);
    return [paint('bold', `${kind} drivers`), ...own.flatMap(driverLines)].join('\n');
  });
  const verdict = ok ? paint('good', 'the default drivers work') : paint('bad', 'something that is needed is missing');
  return `${[...parts, ...groups, verdict].join('\n\n')}\n`;
}

function driverLines({ name, chosen, support, preconditions }: DriverReport): string[] {
  const label = chosen ? `${name} (chosen)` : name;
  const whole: Precondition = support.works
    ? { name: label, ok: true, detail: support.note ?? '' }
    : {
        name: label,
        ok: chosen ? false : 'warn',
        detail: support.reason,
        fix: support.fix,
        ...idOf(support.diagnosis),
      };
  return [...lines(whole), ...preconditions.flatMap(lines).map((line) => `  ${line}`)];
}

function idOf(diagnosis: string | undefined): { diagnosis?: string } {
  return diagnosis === undefined ? {} : { diagnosis };
}

function lines({ name, ok, detail, fix, diagnosis }: Precondition): string[] {
  const mark = ok === true ? paint('good', 'ok  ') : ok === 'warn' ? paint('warn', 'warn') : paint('bad', 'no  ');
  const first = `  ${mark}  ${name.padEnd(WIDTH)} ${detail.replaceAll('\n', ' ')}`.trimEnd();
  if (ok === true) return [first];
  const more = diagnosis === undefined ? [] : [`tsbox explain ${diagnosis}`];
  return [first, ...[...(fix === undefined ? [] : [`fix: ${fix}`]), ...more].map((text) => `        ${text}`)];
}

function paint(color: keyof typeof COLORS, text: string): string {
  return wantsColor(1, process.env) ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text;
}
