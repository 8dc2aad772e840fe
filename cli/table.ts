/** How docker lays out its lists: columns of at least ten, three spaces between them. */
export const LIST_LAYOUT = { gap: 3, narrowest: 10 } as const;

/** Columns aligned by spaces; the last one is not padded. */
export function formatTable(rows: readonly (readonly string[])[], layout = { gap: 2, narrowest: 0 }): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      widths[column] = Math.max(widths[column] ?? layout.narrowest - layout.gap, (row[column] as string).length);
    }
  }
  let text = '';
  for (const row of rows) {
    let line = '';
    for (let column = 0; column < row.length; column++) {
      line += column === row.length - 1 ? row[column] : (row[column] as string).padEnd(widths[column] as number);
      if (column < row.length - 1) line += ' '.repeat(layout.gap);
    }
    text += `${line.trimEnd()}\n`;
  }
  return text;
}
