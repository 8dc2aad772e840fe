const PART = /(\d+(?:\.\d+)?)(ms|us|s|m|h)/gy;
const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `300ms`, `10s`, `1m30s` in milliseconds, or undefined. A unit is required. */
export function durationInMilliseconds(text: string): number | undefined {
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(PART)) {
    total += Number(match[1]) * (MILLISECONDS[match[2] as string] as number);
    end = match.index + match[0].length;
  }
  return text !== '' && end === text.length && Number.isFinite(total) ? total : undefined;
}
