import type { Samples } from './interleave.js';
import { keepResults, type ResultRow } from './result.js';
import { median, ms, type Ratio, ratioOf } from './statistics.js';

const NAME_WIDTH = 36;

/**
 * Prints medians in milliseconds and as ratios to the first row, with the interval of each ratio, and keeps them.
 * @returns the medians by row
 */
export function printTable(columns: readonly string[], samples: Samples, title = ''): Map<string, number[]> {
  const [base = []] = samples.values();
  const rows = [...samples].map(([row, values]) => resultOf(row, columns, values, base, samples.perRound));
  const header = columns.flatMap((column) => [column.padStart(10), 'ratio'.padStart(8), ''.padStart(14)]);
  console.log(`${(title || 'medians in ms').padEnd(NAME_WIDTH)}${header.join('')}${'samples'.padStart(9)}`);
  for (const { row, medians, ratios, samples: count } of rows) {
    const cells = columns.map((column) => `${ms(medians[column] as number).padStart(10)}${ratioText(ratios[column])}`);
    console.log(`${row.padEnd(NAME_WIDTH)}${cells.join('')}${String(count).padStart(9)}`);
  }
  console.log();
  keepResults(title, 'ns', rows);
  return new Map(rows.map(({ row, medians }) => [row, columns.map((column) => medians[column] as number)]));
}

/** Prints numbers that are no samples: bytes, counts. Ratios are to the first row. */
export function printNumbers(
  title: string,
  unit: string,
  rows: readonly (readonly [string, Readonly<Record<string, number>>])[],
  digits = 2,
): void {
  const [, first = {}] = rows[0] ?? [];
  const columns = Object.keys(first);
  console.log(`${`${title} (${unit})`.padEnd(NAME_WIDTH)}${columns.map((column) => column.padStart(16)).join('')}`);
  for (const [row, numbers] of rows) {
    const cells = columns.map((column) => (numbers[column] ?? Number.NaN).toFixed(digits).padStart(16));
    console.log(`${row.padEnd(NAME_WIDTH)}${cells.join('')}`);
  }
  console.log();
  keepResults(
    title,
    unit,
    rows.map(([row, medians]) => ({ row, samples: 1, medians, ratios: plainRatios(medians, first) })),
  );
}

function resultOf(
  row: string,
  columns: readonly string[],
  values: readonly (readonly number[])[],
  base: readonly (readonly number[])[],
  perRound: number,
): ResultRow {
  const medians: Record<string, number> = {};
  const ratios: Record<string, Ratio> = {};
  for (const [index, column] of columns.entries()) {
    const own = values.map((value) => value[index] as number);
    const first = base.map((value) => value[index] as number);
    medians[column] = median(own);
    ratios[column] = ratioOf(own, first, perRound);
  }
  return { row, samples: values.length, medians, ratios };
}

function plainRatios(numbers: Readonly<Record<string, number>>, first: Readonly<Record<string, number>>) {
  const entries = Object.entries(numbers).flatMap(([column, number]): [string, Ratio][] => {
    const value = number / (first[column] ?? 0);
    return Number.isFinite(value) ? [[column, { value, low: value, high: value }]] : [];
  });
  return Object.fromEntries(entries);
}

function ratioText(ratio: Ratio | undefined): string {
  if (!ratio) return ''.padStart(22);
  const { value, low, high } = ratio;
  return `${value.toFixed(2).padStart(8)}${`${low.toFixed(2)}-${high.toFixed(2)}`.padStart(14)}`;
}
