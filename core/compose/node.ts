import { dirname } from 'node:path';
import type { Finder } from '../config/positions/position.js';
import type { Origin } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';

/** A compose file that was read. */
export interface ComposeSource {
  readonly file: string;
  readonly finder: Finder;
}

type Scalar = string | number | boolean | null;

/**
 * A value of a compose file that knows where it was written. What `extends` merges comes from several
 * files, and relative paths start at the one that has them.
 */
export class Node {
  private constructor(
    readonly source: ComposeSource,
    readonly path: readonly (string | number)[],
    readonly content: Scalar | readonly Node[] | ReadonlyMap<string, Node>,
  ) {}

  /** @param value what the parser made of the file */
  static of(source: ComposeSource, value: unknown, path: readonly (string | number)[] = []): Node {
    if (Array.isArray(value)) {
      const items = value.map((item, index) => Node.of(source, item, [...path, index]));
      return new Node(source, path, items);
    }
    if (typeof value !== 'object' || value === null) return new Node(source, path, (value ?? null) as Scalar);
    const entries = Object.entries(value).map(([key, item]) => [key, Node.of(source, item, [...path, key])] as const);
    return new Node(source, path, new Map(entries));
  }

  /** The same place with another content. */
  with(content: Node['content']): Node {
    return new Node(this.source, this.path, content);
  }

  get directory(): string {
    return dirname(this.source.file);
  }

  get origin(): Origin {
    const { file, finder } = this.source;
    const found = finder(this.path);
    const text = found ? `${file}:${found.line}` : file;
    return { file, text, ...(found && { line: found.line, column: found.column }) };
  }

  get isNull(): boolean {
    return this.content === null;
  }

  get isMap(): boolean {
    return this.content instanceof Map;
  }

  get isList(): boolean {
    return Array.isArray(this.content);
  }

  /** @throws TsboxError when it is none */
  entries(): [string, Node][] {
    if (this.isNull) return [];
    if (this.content instanceof Map) return [...this.content];
    throw this.bad('it is not a table of keys and values');
  }

  child(key: string): Node | undefined {
    const found = this.content instanceof Map ? (this.content.get(key) as Node | undefined) : undefined;
    return found?.isNull ? undefined : found;
  }

  /** Its items; one value alone is a list of one. */
  items(): readonly Node[] {
    if (this.isNull) return [];
    if (Array.isArray(this.content)) return this.content;
    if (this.isMap) throw this.bad('it is not a list');
    return [this];
  }

  /** @throws TsboxError when it is a list or a table */
  text(): string {
    if (this.isMap || this.isList || this.isNull) throw this.bad('it is not a text');
    return String(this.content);
  }

  texts(): string[] {
    return this.items().map((item) => item.text());
  }

  /** YAML 1.1 has `yes`; what was interpolated is a text. */
  flag(): boolean {
    const text = this.text().toLowerCase();
    if (['true', 'yes', 'on', 'y', '1'].includes(text)) return true;
    if (['false', 'no', 'off', 'n', '0'].includes(text)) return false;
    throw this.bad('it is neither true nor false');
  }

  number(): number {
    const text = this.text();
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    throw this.bad('it is not a number');
  }

  bad(why: string, fix: string | readonly string[] = []): TsboxError {
    const key = this.path.length > 0 ? `"${this.path.join('.')}"` : 'the file';
    return new TsboxError('ERR_TSBOX_CONFIG', { what: `cannot use ${key} (${this.origin.text})`, why, fix });
  }
}

/** Pairs of a table, or of a list of `K=V`; undefined where no value is given. */
export function pairsOf(node: Node): [string, string | undefined, Node][] {
  if (node.isMap) return node.entries().map(([key, value]) => [key, value.isNull ? undefined : value.text(), value]);
  return node.items().map((item) => {
    const text = item.text();
    const equals = text.indexOf('=');
    return equals < 0 ? [text, undefined, item] : [text.slice(0, equals), text.slice(equals + 1), item];
  });
}
