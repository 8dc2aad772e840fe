/** A number that the caller may make smaller or greater: `ROUNDS=1 npm run bench launch`. */
export function setting(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 0)) throw new Error(`${name}=${text}: not a whole number`);
  return value;
}

/** Several of them: `SIZES=10,100`. */
export function settings(name: string, byDefault: readonly number[]): number[] {
  const text = process.env[name];
  if (text === undefined || text === '') return [...byDefault];
  return text.split(',').map((part) => {
    const value = Number(part);
    if (!(Number.isInteger(value) && value > 0)) throw new Error(`${name}=${text}: not whole numbers`);
    return value;
  });
}

/** How often everything is measured: `rounds` times `perRound`, after a round that warms up. */
export function sampling(rounds: number, perRound: number) {
  return { rounds: setting('ROUNDS', rounds), perRound: setting('PER_ROUND', perRound) };
}
