import { CATALOGUE, CODES, type Diagnosis, type FailureRecord } from '../core/explain/index.js';
import { ERROR_CODES, type ErrorCode } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import { wantsColor } from './output.js';
import { formatTable } from './table.js';

/** How far back of the plan is shown: what led to the failure. */
const SHOWN = 12;

export function isCode(text: string): text is ErrorCode {
  return text in ERROR_CODES;
}

export function nearestTopic(text: string): string | undefined {
  const ids = Object.values(CATALOGUE).flatMap((entries) => entries.map(({ id }) => id));
  return nearest(text.toLowerCase(), ids) ?? nearest(text.toUpperCase(), Object.keys(ERROR_CODES));
}

export function listJson(): object[] {
  return Object.entries(CATALOGUE).flatMap(([part, entries]) =>
    entries.map(({ match: _, ...diagnosis }) => ({ part, ...diagnosis })),
  );
}

export function listDiagnoses(): string {
  const parts = Object.entries(CATALOGUE).map(([part, entries]) => {
    const rows = entries.map(({ id, title }) => [`  ${id}`, title]);
    return `${bold(part)}\n${formatTable(rows)}`;
  });
  return `${parts.join('\n')}\n${bold('tsbox explain ID')} says why it happens and what mends it; ${bold('tsbox explain last')} what failed last.\n`;
}

export function explainDiagnosis({ id, title, why, fix, see }: Diagnosis): string {
  const lines = [`${bold(title)} (${id})`, '', why, '', ...fix.map(fixLine)];
  if (see) lines.push('', `see also: ${see.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

export function explainCode(code: ErrorCode): { json: object; text(): string } {
  const { meaning, causes } = CODES[code];
  const exitStatus = ERROR_CODES[code];
  return {
    json: { code, meaning, exitStatus, causes },
    text: () =>
      [
        `${bold(code)}: ${meaning}`,
        `exit status ${exitStatus}`,
        '',
        'usually:',
        ...causes.map((cause) => `  ${described(cause)}`),
        '',
      ].join('\n'),
  };
}

function described(cause: string): string {
  const entry = Object.values(CATALOGUE)
    .flat()
    .find(({ id }) => id === cause);
  return entry ? `${entry.title} (tsbox explain ${cause})` : cause;
}

/** What was asked, what was done, which op failed, why, and what mends it. */
export function explainFailure(record: FailureRecord): string {
  const { error, diagnosis, failed, spec, time, id, name, versions } = record;
  const rows = [
    ['asked', `${spec.image ?? ''} ${(spec.command ?? []).join(' ')}`.trim()],
    [
      'drivers',
      Object.entries(spec.drivers ?? {})
        .map(([kind, driver]) => `${kind} ${driver}`)
        .join(', '),
    ],
    ['container', [id.slice(0, 12), ...(name === undefined ? [] : [name])].join(' ')],
    ['when', `${time}, node ${versions.node}, linux ${versions.kernel} ${versions.arch}`],
  ];
  const done = planLines(record);
  const lines = [
    `${bold(error.what)}: ${error.why}`,
    '',
    formatTable(rows).trimEnd(),
    ...(done.length > 0 ? ['', bold('what was done'), ...done] : []),
    ...(failed ? ['', `${bold('what failed')}  ${failedLine(failed)}`] : []),
    ...(diagnosis ? ['', `${bold('why')}  ${diagnosis.title} (${diagnosis.id})`, `  ${diagnosis.why}`] : []),
    '',
    ...error.fix.map(fixLine),
    ...error.undo.map((message) => `  and could not undo: ${message}`),
    `  ${error.code}, exit status ${error.exitStatus}`,
    ...(diagnosis?.see ? [`  see also: ${diagnosis.see.join(', ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The last steps, up to the one that failed. */
function planLines({ plan, failed }: FailureRecord): string[] {
  const index = plan.findLastIndex(
    ({ plugin, action, target }) => plugin === failed?.plugin && action === failed?.action && target === failed?.target,
  );
  const command = plan.findIndex(({ action }) => action === 'execve');
  const end = index >= 0 ? index : failed?.kind === 'command' ? command : plan.length - 1;
  const reached = plan.slice(0, end + 1);
  const shown = reached.slice(-SHOWN).map(({ where, plugin, action, target }, at, all) => {
    const isLast = at === all.length - 1 && (index >= 0 || failed?.kind === 'command');
    return [isLast ? '! ' : '  ', where, plugin, action, shortened(target)];
  });
  const left = reached.length - shown.length;
  const table = shown.length > 0 ? formatTable(shown).trimEnd().split('\n') : [];
  return [...(left > 0 ? [`  ... ${left} more before`] : []), ...table];
}

function failedLine({ plugin, action, target, errno }: NonNullable<FailureRecord['failed']>): string {
  return [plugin, action, shortened(target), errno && `: ${errno}`].filter(Boolean).join(' ').replace(' : ', ': ');
}

function shortened(text: string): string {
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}

const fixLine = (fix: string): string => `  ${bold('fix:')} ${fix}`;

function bold(text: string): string {
  return wantsColor(1, process.env) ? `\u001b[1m${text}\u001b[0m` : text;
}
