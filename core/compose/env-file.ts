import { InterpolationError, interpolate, type Variables } from './interpolate.js';

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=\s*(.*?)\s*)?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * A file of variables as compose has it: `K=V`, `export K=V`, comments, values in quotes that may be several
 * lines; in single quotes nothing is put in, in double quotes `\n` is a newline. `K` alone is the caller's.
 * @throws InterpolationError on a line that is none of that
 */
export function parseEnvFile(text: string, caller: Variables): Record<string, string> {
  const result: Record<string, string> = {};
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*(#|$)/.test(line)) continue;
    const match = LINE.exec(line);
    if (!match) throw new InterpolationError(`line ${at + 1} is not K=V`);
    const [, name = '', rest] = match;
    const own = { ...result, ...defined(caller) };
    if (rest === undefined) {
      const copied = caller[name];
      if (copied !== undefined) result[name] = copied;
      continue;
    }
    const quote = rest[0] === '"' || rest[0] === "'" ? rest[0] : undefined;
    if (quote === undefined) {
      result[name] = interpolate(rest.replace(/(^|\s+)#.*$/, ''), own);
      continue;
    }
    let quoted = line.slice(line.indexOf(quote) + 1);
    const first = at + 1;
    while (closing(quoted, quote) < 0) {
      if (++at >= lines.length) throw new InterpolationError(`line ${first} has a ${quote} that is not closed`);
      quoted += `\n${lines[at]}`;
    }
    const value = quoted.slice(0, closing(quoted, quote));
    result[name] = quote === "'" ? value : interpolate(unescaped(value), own);
  }
  return result;
}

/** Where the quote ends; a double quote may be escaped. */
function closing(text: string, quote: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function unescaped(text: string): string {
  return text.replace(
    /\\(.)/gs,
    (_, character: string) => ESCAPES[character] ?? (character === '$' ? '$$' : character),
  );
}

function defined(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
