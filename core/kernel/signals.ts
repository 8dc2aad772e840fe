import { constants } from 'node:os';

const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** A signal by name or number, as kill(1) takes it: `TERM`, `SIGTERM`, `15`, `RTMIN+3`. @returns undefined for none */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (/^\d+$/.test(name)) return inRange(Number(name));
  const known = (constants.signals as Record<string, number>)[`SIG${name}`];
  if (known !== undefined) return known;
  const realTime = /^RT(MIN|MAX)(?:([+-]\d+))?$/.exec(name);
  if (!realTime) return undefined;
  const number = (realTime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX) + Number(realTime[2] ?? 0);
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}

/** `SIGTERM` of 15. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found ? found[0] : `SIGRTMIN+${number - SIGRTMIN}`;
}

function inRange(number: number): number | undefined {
  return number >= 1 && number <= SIGRTMAX ? number : undefined;
}
