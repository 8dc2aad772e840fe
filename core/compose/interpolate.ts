export type Variables = Readonly<Record<string, string | undefined>>;

/** A text that cannot be interpolated, or a variable that must be set and is not. */
export class InterpolationError extends Error {}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATORS = [':-', '-', ':?', '?', ':+', '+'] as const;

/**
 * Puts variables into a text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?error}`, `${NAME:+other}`, the
 * same without the colon (which counts an empty value as unset), nested ones, and `$$` for a dollar.
 * @param onUnset is told of each that is neither set nor has a default
 * @throws InterpolationError
 */
export function interpolate(text: string, variables: Variables, onUnset: (name: string) => void = () => {}): string {
  const reader = new Interpolation(text, variables, onUnset);
  return reader.until(undefined);
}

class Interpolation {
  #at = 0;

  constructor(
    readonly text: string,
    readonly variables: Variables,
    readonly onUnset: (name: string) => void,
  ) {}

  /** Reads up to the brace that ends the value of a variable, or up to the end. */
  until(end: '}' | undefined): string {
    let result = '';
    while (this.#at < this.text.length) {
      const character = this.text[this.#at] as string;
      if (character === end) return result;
      if (character !== '$') {
        result += character;
        this.#at++;
      } else result += this.#dollar();
    }
    if (end !== undefined) throw new InterpolationError(`a "\${" has no "}" in ${JSON.stringify(this.text)}`);
    return result;
  }

  #dollar(): string {
    this.#at++;
    const next = this.text[this.#at];
    if (next === '$') {
      this.#at++;
      return '$';
    }
    if (next === '{') {
      this.#at++;
      return this.#braced();
    }
    return this.#value(this.#name());
  }

  #braced(): string {
    const name = this.#name();
    const operator = OPERATORS.find((each) => this.text.startsWith(each, this.#at));
    if (!operator) {
      this.#close();
      return this.#value(name);
    }
    this.#at += operator.length;
    const silent = new Interpolation(this.text, this.variables, () => {});
    silent.#at = this.#at;
    const word = silent.until('}');
    const value = this.variables[name];
    const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
    this.#at = silent.#at + 1;
    if (operator.endsWith('+')) return isSet ? word : '';
    if (isSet) return value as string;
    if (operator.endsWith('-')) return word;
    throw new InterpolationError(`the variable ${name} must be set${word === '' ? '' : `: ${word}`}`);
  }

  #close(): void {
    if (this.text[this.#at] !== '}')
      throw new InterpolationError(`cannot read the variable in ${JSON.stringify(this.text)}`);
    this.#at++;
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const [name] = NAME.exec(this.text) ?? [];
    if (name === undefined)
      throw new InterpolationError(`"$" has no name after it in ${JSON.stringify(this.text)}; a dollar is written $$`);
    this.#at += name.length;
    return name;
  }

  #value(name: string): string {
    const value = this.variables[name];
    if (value === undefined) this.onUnset(name);
    return value ?? '';
  }
}
