import { TsboxError } from '../plugin/error.js';
import { type Command, command, type Expression, type Fail, type Operand, ownerOf } from './evaluate.js';
import type { Token } from './lex.js';

/** `$i, $e := pipeline`: what it declares or assigns, and its value. */
export interface Pipeline {
  readonly names: readonly string[];
  readonly assigns: boolean;
  readonly value: Expression;
}

const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, nil: undefined };

/** Reads the tokens of one action. */
export class ActionReader {
  #next = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly fail: Fail,
  ) {}

  /** A keyword at its beginning is taken. */
  keyword(...words: readonly string[]): string | undefined {
    const { kind, text } = this.#peek();
    if (kind !== 'identifier' || !words.includes(text)) return undefined;
    this.#next++;
    return text;
  }

  /** All of it was read. @throws TsboxError */
  end(): void {
    const { kind, text, at } = this.#peek();
    if (kind !== 'end') throw this.fail(at, `unexpected ${JSON.stringify(text)}`);
  }

  /** A pipeline with what it declares; the whole rest of the action. */
  pipeline(): Pipeline {
    const start = this.#next;
    const names = this.#names();
    const assignment = names.length > 0 ? this.#symbol(':=', '=') : undefined;
    if (assignment === undefined) this.#next = start;
    const value = this.#commands();
    this.end();
    return { names: assignment === undefined ? [] : names, assigns: assignment === '=', value };
  }

  #names(): string[] {
    const names: string[] = [];
    do {
      const { kind, text } = this.#peek();
      if (kind !== 'variable' || text === '') return names;
      names.push(text);
      this.#next++;
    } while (this.#symbol(','));
    return names;
  }

  #commands(): Expression {
    const commands: Command[] = [];
    do commands.push(this.#command());
    while (this.#symbol('|'));
    return (scope) => {
      let piped: unknown[] = [];
      for (const one of commands) piped = [one(scope, piped)];
      return piped[0];
    };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand; operand = this.#operand()) operands.push(operand);
    if (operands.length > 0) return command(operands, this.fail);
    throw this.fail(this.#peek().at, 'missing value');
  }

  #operand(): Operand | undefined {
    const token = this.#peek();
    const { kind, text, at } = token;
    if (kind === 'identifier' && !Object.hasOwn(CONSTANTS, text)) {
      this.#next++;
      return { at, base: undefined, fields: [], name: text };
    }
    // `.Name` is a field of the dot, which is not written.
    const base = kind === 'field' ? dot : this.#base(token);
    return base && { at, base, fields: this.#fields(kind === 'field'), name: '' };
  }

  #base({ kind, text, at }: Token): Expression | undefined {
    if (kind === 'end' || (kind === 'symbol' && text !== '(')) return undefined;
    this.#next++;
    if (kind === 'dot') return dot;
    if (kind === 'variable') return this.#variable(text, at);
    if (kind === 'symbol') return this.#parenthesis(at);
    const value = kind === 'number' ? Number(text) : kind === 'string' ? text : CONSTANTS[text];
    return () => value;
  }

  #parenthesis(at: number): Expression {
    const inner = this.#commands();
    if (this.#symbol(')') === undefined) throw this.fail(at, 'unclosed parenthesis');
    return inner;
  }

  #variable(name: string, at: number): Expression {
    return ({ variables }) => {
      const owner = ownerOf(name, variables);
      if (owner) return owner.own.get(name);
      throw this.fail(at, `there is no variable $${name}`);
    };
  }

  #fields(begins: boolean): { name: string; at: number }[] {
    const fields: { name: string; at: number }[] = [];
    for (let token = this.#peek(); token.kind === 'field'; token = this.#peek()) {
      if (!token.joined && !(begins && fields.length === 0)) break;
      fields.push({ name: token.text, at: token.at });
      this.#next++;
    }
    return fields;
  }

  #symbol(...texts: readonly string[]): string | undefined {
    const { kind, text } = this.#peek();
    if (kind !== 'symbol' || !texts.includes(text)) return undefined;
    this.#next++;
    return text;
  }

  #peek(): Token {
    const token = this.tokens[this.#next];
    if (token) return token;
    throw new TsboxError('ERR_TSBOX_USAGE', { what: 'cannot use the template', why: 'it ends within an action' });
  }
}

const dot: Expression = (scope) => scope.dot;
