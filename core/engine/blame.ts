import { TsboxError } from '../plugin/error.js';

/** Who is called, and for what: `plugin "audit" failed in hook postStart`. */
export interface Call {
  readonly plugin: string;
  /** `hook postStart`, `prepare of its storage driver "view"`. */
  readonly deed: string;
  /** How long its promise may take, in milliseconds; may be Infinity. */
  readonly patienceMs: number;
}

/** Calls into a plugin. What is thrown, and a promise that never settles, carry its name. */
export function blaming<Result>(call: Call, act: () => Result): Result {
  let result: Result;
  try {
    result = act();
  } catch (error) {
    throw blamed(error, call);
  }
  return isPromise(result) ? (settled(call, result) as Result) : result;
}

/** An error of a plugin keeps its own code and words when it is one of ours. */
function blamed(error: unknown, { plugin, deed }: Call): unknown {
  if (error instanceof TsboxError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TsboxError('ERR_TSBOX_PLUGIN', { what: `plugin "${plugin}" failed in ${deed}`, why, cause: error });
}

/** Most promises of plugins have nothing to wait for: they settle within so many turns, without a timer. */
const TURNS = 3;

async function settled<Result>(call: Call, pending: PromiseLike<Result>): Promise<Result> {
  let isSettled = false;
  const outcome = pending.then(
    (result) => {
      isSettled = true;
      return result;
    },
    (error: unknown) => {
      isSettled = true;
      throw blamed(error, call);
    },
  );
  for (let turn = 0; turn < TURNS && !isSettled; turn++) await undefined;
  return isSettled ? outcome : settledInTime(call, outcome);
}

async function settledInTime<Result>(call: Call, outcome: PromiseLike<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    // Without a bound, no timer: it would keep a process alive that has nothing else to do.
    if (Number.isFinite(call.patienceMs)) timer = setTimeout(() => reject(neverSettled(call)), call.patienceMs);
  });
  try {
    return await Promise.race([outcome, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

function neverSettled({ plugin, deed, patienceMs }: Call): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" did not finish ${deed}`,
    why: `its promise had not settled after ${patienceMs / 1000} seconds`,
    fix: 'look for a promise that is never resolved there, or raise hookTimeout',
  });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
