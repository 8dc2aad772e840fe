import { type Fail, ownerOf, type Scope, type Variables } from './evaluate.js';
import { lex, type Segment, templateError } from './lex.js';
import { ActionReader, type Pipeline } from './parse.js';
import { entriesOf, formatValue, isTrue, kindOf } from './values.js';

/** The part of Go's text/template that `--format` is used with: no `define`, no `template`, no `break`. */
export interface Template {
  /** @throws TsboxError naming the position */
  execute(value: unknown): string;
}

type Block = (scope: Scope) => string;

/** @throws TsboxError naming the position as line:column */
export function compileTemplate(text: string): Template {
  const compiler = new Compiler(lex(text), (at, why, fix) => templateError(text, at, why, fix));
  const block = compiler.whole();
  return { execute: (value) => block({ dot: value, variables: { own: new Map([['', value]]) } }) };
}

class Compiler {
  #next = 0;

  constructor(
    readonly segments: readonly Segment[],
    readonly fail: Fail,
  ) {}

  whole(): Block {
    const { block, closedBy } = this.#block();
    if (closedBy) throw this.fail(closedBy.tokens[0]?.at ?? 0, `unexpected {{${closedBy.tokens[0]?.text}}}`);
    return block;
  }

  /** Up to `{{else …}}` or `{{end}}`, of which the reader then stands at the beginning. */
  #block(): { block: Block; closedBy?: ActionReader } {
    const parts: Block[] = [];
    const block: Block = (scope) => parts.map((part) => part(scope)).join('');
    while (this.#next < this.segments.length) {
      const segment = this.segments[this.#next++] as Segment;
      if ('text' in segment) {
        parts.push(() => segment.text);
        continue;
      }
      const reader = new ActionReader(segment.tokens, this.fail);
      const [{ kind, text } = { kind: 'end', text: '' }] = segment.tokens;
      if (kind === 'identifier' && (text === 'else' || text === 'end')) return { block, closedBy: reader };
      parts.push(this.#action(reader, segment.at));
    }
    return { block };
  }

  #action(reader: ActionReader, at: number): Block {
    const word = reader.keyword('if', 'with', 'range', 'define', 'template', 'block', 'break', 'continue');
    if (word === 'if' || word === 'with' || word === 'range') return this.#control(word, reader, at);
    if (word !== undefined) throw this.fail(at, `{{${word}}} is not supported`);
    const pipeline = reader.pipeline();
    return (scope) => {
      const value = pipeline.value(scope);
      if (pipeline.names.length === 0) return formatValue(value);
      bind(pipeline, [value], scope.variables, this.fail, at);
      return '';
    };
  }

  #control(word: 'if' | 'with' | 'range', reader: ActionReader, at: number): Block {
    const pipeline = reader.pipeline();
    const { block, closedBy } = this.#block();
    const otherwise = this.#otherwise(closedBy, word, at);
    const { fail } = this;
    if (word === 'range') return range(pipeline, block, otherwise, fail, at);
    return (scope) => {
      const value = pipeline.value(scope);
      const variables: Variables = { own: new Map(), outer: scope.variables };
      if (pipeline.names.length > 0) bind(pipeline, [value], variables, fail, at);
      const dot = word === 'with' ? value : scope.dot;
      return isTrue(value) ? block({ dot, variables }) : otherwise({ dot: scope.dot, variables });
    };
  }

  /** What follows the first block: nothing, `{{else}}…`, or `{{else if …}}…`, which needs no `{{end}}` of its own. */
  #otherwise(closing: ActionReader | undefined, word: string, at: number): Block {
    if (!closing) throw this.fail(at, `{{${word}}} has no {{end}}`);
    if (closing.keyword('end')) {
      closing.end();
      return () => '';
    }
    closing.keyword('else');
    const chained = closing.keyword('if', 'with');
    if (chained === 'if' || chained === 'with') return this.#control(chained, closing, at);
    closing.end();
    const { block, closedBy } = this.#block();
    if (!closedBy?.keyword('end')) throw this.fail(at, `{{${word}}} has no {{end}}`);
    return block;
  }
}

function range(pipeline: Pipeline, block: Block, otherwise: Block, fail: Fail, at: number): Block {
  return (scope) => {
    const value = pipeline.value(scope);
    const kind = kindOf(value);
    if (!['list', 'map', 'object', 'nil'].includes(kind)) throw fail(at, `cannot range over a ${kind}`);
    const entries = kind === 'nil' ? [] : entriesOf(value);
    if (entries.length === 0) return otherwise(scope);
    const once = ([key, dot]: [unknown, unknown]): string => {
      const variables: Variables = { own: new Map(), outer: scope.variables };
      if (pipeline.names.length > 0)
        bind(pipeline, pipeline.names.length > 1 ? [key, dot] : [dot], variables, fail, at);
      return block({ dot, variables });
    };
    return entries.map(once).join('');
  };
}

function bind(pipeline: Pipeline, values: readonly unknown[], variables: Variables, fail: Fail, at: number): void {
  for (const [index, name] of pipeline.names.entries()) {
    const owner = pipeline.assigns ? ownerOf(name, variables) : variables;
    if (!owner) throw fail(at, `there is no variable $${name}`);
    owner.own.set(name, values[index]);
  }
}
