import { TsboxError } from '../plugin/error.js';

/** A piece of an action, `{{…}}`. `at`: index into the template. */
export interface Token {
  readonly kind: 'identifier' | 'field' | 'variable' | 'dot' | 'string' | 'number' | 'symbol' | 'end';
  /** The name without its dot or dollar, the value of a string, or the text. */
  readonly text: string;
  readonly at: number;
  /** Follows the token before it without a space: `$x.Name` is one operand, `$x .Name` two. */
  readonly joined: boolean;
}

/** A template is text and actions by turns. */
export type Segment = { readonly text: string } | { readonly tokens: readonly Token[]; readonly at: number };

const OPEN = '{{';
const CLOSE = '}}';
const TOKEN =
  /(?<space>\s+)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<raw>`[^`]*`)|(?<number>-?\d+(?:\.\d+)?)|\.(?<field>[A-Za-z_]\w*)|(?<dot>\.)|\$(?<variable>\w*)|(?<identifier>[A-Za-z_]\w*)|(?<symbol>:=|[|(),=])/y;

/** Splits a template. @throws TsboxError naming the position */
export function lex(template: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  let trimNext = false;
  while (at <= template.length) {
    const open = template.indexOf(OPEN, at);
    const text = template.slice(at, open < 0 ? undefined : open);
    const trimmed = trimNext ? text.trimStart() : text;
    if (open < 0) {
      segments.push({ text: unescaped(trimmed) });
      return segments;
    }
    const action = lexAction(template, open);
    segments.push({ text: unescaped(action.trimBefore ? trimmed.trimEnd() : trimmed) });
    if (!action.comment) segments.push({ tokens: action.tokens, at: open });
    trimNext = action.trimAfter;
    at = action.end;
  }
  return segments;
}

interface Action {
  readonly tokens: readonly Token[];
  /** Behind its `}}`. */
  readonly end: number;
  readonly comment: boolean;
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function lexAction(template: string, open: number): Action {
  const trimBefore = /^-\s/.test(template.slice(open + 2, open + 4));
  let at = open + OPEN.length + (trimBefore ? 1 : 0);
  const comment = /\s*\/\*.*?\*\//sy;
  comment.lastIndex = at;
  const isComment = comment.test(template);
  if (isComment) at = comment.lastIndex;
  const tokens: Token[] = [];
  let joined = false;
  for (;;) {
    const end = /(\s-)?}}/y;
    end.lastIndex = at;
    const closing = end.exec(template);
    if (closing) {
      tokens.push({ kind: 'end', text: CLOSE, at, joined: false });
      return { tokens, end: end.lastIndex, comment: isComment, trimBefore, trimAfter: closing[1] !== undefined };
    }
    if (at >= template.length) throw templateError(template, open, 'unclosed action');
    const { length, token } = nextToken(template, at, joined);
    if (token) tokens.push(token);
    joined = token !== undefined;
    at += length;
  }
}

function nextToken(template: string, at: number, joined: boolean): { length: number; token?: Token } {
  TOKEN.lastIndex = at;
  const match = TOKEN.exec(template);
  const groups = match?.groups;
  if (!match || !groups) throw templateError(template, at, `unexpected ${JSON.stringify(template[at])} in an action`);
  const [{ length }] = match;
  const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) as [string, string];
  if (kind === 'space') return { length };
  if (kind === 'string') return { length, token: { kind, text: stringValue(template, at, text), at, joined } };
  if (kind === 'raw') return { length, token: { kind: 'string', text: text.slice(1, -1), at, joined } };
  return { length, token: { kind: kind as Token['kind'], text, at, joined } };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function stringValue(template: string, at: number, quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|.)/g, (_, code: string) => {
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    const value = ESCAPES[code];
    if (value === undefined) throw templateError(template, at, `unknown escape \\${code}`);
    return value;
  });
}

/** A shell passes `\t` and `\n` as two characters: docker takes them for what they mean. */
function unescaped(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

/** An error at a position, as `line:column`. */
export function templateError(template: string, at: number, why: string, fix?: string): TsboxError {
  const before = template.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot use the template',
    why: `${before.length}:${column}: ${why}`,
    ...(fix !== undefined && { fix }),
  });
}
