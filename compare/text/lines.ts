/** SGR codes: https://www.ecma-international.org/publications-and-standards/standards/ecma-48 */
const CODES = { bold: '1', quiet: '2', good: '32', bad: '31', warning: '33' } as const;
const ESCAPE = '\u001b[';

/** A piece of a line that looks in one way. */
export interface Span {
  readonly text: string;
  readonly look?: keyof typeof CODES | undefined;
}

export type Line = readonly Span[];

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
}

const NARROWEST = 40;
/** Bars that are longer say no more. */
const WIDEST = 120;

export function clampedWidth(width: number): number {
  return Math.min(Math.max(width, NARROWEST), WIDEST);
}

/** All lines as text. Names and reasons come from plugins and files: none of them can speak to the terminal. */
export function paint(lines: readonly Line[], colour: boolean): string {
  const span = ({ text, look }: Span) => {
    const shown = printable(text);
    return colour && look && shown.trim() ? `${ESCAPE}${CODES[look]}m${shown}${ESCAPE}0m` : shown;
  };
  return lines.map((line) => `${line.map(span).join('').replace(/ +$/, '')}\n`).join('');
}

/** Words in lines of at most `width`; lines after the first begin with as many spaces as `hang`. */
export function wrapped(text: string, width: number, hang = 0): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line.trim() === '') line = longer;
    else {
      lines.push(line);
      line = `${' '.repeat(hang)}${word}`;
    }
  }
  return [...lines, line];
}

/** Lines of one look. */
export function linesOf(text: string, width: number, hang = 0, look?: Span['look']): Line[] {
  return wrapped(text, width, hang).map((line) => [{ text: line, look }]);
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 1))}~`;
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}
