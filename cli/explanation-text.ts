import type { ExplainedValue, Explanation } from '../core/environments/index.js';

/** For people: the value, the place that it is from, and what that hides. */
export function explanationText(explanations: readonly Explanation[]): string {
  return explanations.map((one) => `${lines(one).join('\n')}\n`).join('');
}

function lines({ key, rule, from, hidden }: Explanation): string[] {
  const [only] = from;
  if (rule !== 'list' || !only || only.origin.text === 'the default') {
    return [
      `${key} = ${only?.value === null ? unsaid(key) : shown(only?.value)}`,
      `  from  ${only?.origin.text ?? ''}`,
      ...rows('hides', hidden),
    ];
  }
  const together = from.flatMap(({ value }) => value as unknown[]);
  return [`${key} = ${shown(together)}`, ...rows('from ', from)];
}

function rows(word: string, values: readonly ExplainedValue[]): string[] {
  return values.map(({ value, origin }) => `  ${word} ${origin.text}: ${shown(value)}`);
}

/** What a list of names leaves to the rule. */
function unsaid(key: string): string {
  return key.startsWith('dependsOn.') ? 'ready, or started where that cannot be told' : "the caller's own, if any";
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
