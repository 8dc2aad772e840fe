import type { Command } from 'commander';
import { findDiagnosis, latestFailure } from '../../core/explain/index.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import {
  explainCode,
  explainDiagnosis,
  explainFailure,
  isCode,
  listDiagnoses,
  listJson,
  nearestTopic,
} from '../explanation.js';
import { formatOption } from '../format.js';
import { givenPaths } from '../given-paths.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('[topic]', 'last, an error code, or the id of a diagnosis; without it: all of them')
    .addOption(formatOption());
  command.action(async (topic: string | undefined, options: { readonly format: string }, parsed: Command) => {
    const { text, json } = await explanation(topic, parsed);
    print(
      options.format === 'table'
        ? text()
        : `${JSON.stringify(json, undefined, options.format === 'json' ? 2 : undefined)}\n`,
    );
    finish(0);
  });
}

interface Explanation {
  readonly json: unknown;
  text(): string;
}

async function explanation(topic: string | undefined, parsed: Command): Promise<Explanation> {
  if (topic === undefined) return { json: listJson(), text: listDiagnoses };
  if (topic === 'last') return lastFailure(parsed);
  const code = topic.toUpperCase();
  if (isCode(code)) return explainCode(code);
  const diagnosis = findDiagnosis(topic.toLowerCase());
  if (diagnosis) return { json: diagnosis, text: () => explainDiagnosis(diagnosis) };
  const meant = nearestTopic(topic);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot explain ${topic}`,
    why: 'it is neither an error code nor a diagnosis',
    fix: [...(meant ? [`did you mean "tsbox explain ${meant}"?`] : []), 'tsbox explain lists them all'],
  });
}

async function lastFailure(parsed: Command): Promise<Explanation> {
  const { root } = await givenPaths(readGlobals(parsed, process.env));
  const record = latestFailure(root);
  if (record) return { json: record, text: () => explainFailure(record) };
  throw new TsboxError('ERR_TSBOX_STATE', {
    what: 'cannot explain the last failure',
    why: `no launch that failed is recorded in ${root}/failures`,
    fix: ['give the --root of the launch', 'tsbox explain lists all diagnoses'],
  });
}
