/** How docker lays out its lists: columns of at least ten, three spaces between them. */
export const LIST_LAYOUT: Layout = { gap: 3, narrowest: 10 };

interface Layout {
  /** Spaces between columns. */
  readonly gap: number;
  /** Of a column with the gap behind it. */
  readonly narrowest: number;
}

/** Columns aligned by spaces; the last one is not padded. */
export function formatTable(rows: readonly (readonly string[])[], layout: Layout = { gap: 2, narrowest: 0 }): string {
  const widths = widthsOf(rows, layout);
  let text = '';
  for (const row of rows) {
    const last = row.length - 1;
    let line = '';
    for (let column = 0; column < last; column++) line += (row[column] as string).padEnd(widths[column] as number);
    text += `${(line + (row[last] ?? '')).trimEnd()}\n`;
  }
  return text;
}

/** Of each column, with the gap behind it. */
function widthsOf(rows: readonly (readonly string[])[], { gap, narrowest }: Layout): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      const width = (row[column] as string).length + gap;
      if (width > (widths[column] ?? -1)) widths[column] = Math.max(width, narrowest);
    }
  }
  return widths;
}
