import { type Command, Option } from 'commander';
import { RUN_KEYS, runOption } from '../../core/config/run-options.js';
import { explainKey, readTarget, showConfig, showEnvironment } from '../../core/environments/index.js';
import { builtins } from '../../plugins/builtins.js';
import type { Finish } from '../command.js';
import { environmentRequestOf, splitReference } from '../environment-request.js';
import { explanationText } from '../explanation-text.js';
import { print } from '../output.js';
import { addOption } from '../run-options.js';

type Format = 'yaml' | 'json';

export function define(command: Command, finish: Finish): void {
  command.usage('[OPTIONS] [@NAME]').helpCommand(false).enablePositionalOptions();
  defineShow(command, finish);
  defineExplain(command, finish);
  defineSchema(command, finish);
}

function defineShow(command: Command, finish: Finish): void {
  const show = addRunFlags(command.argument('[@name]', 'one environment; default: everything'));
  show.addOption(new Option('--format <format>', 'yaml or json').choices(['yaml', 'json']).default('yaml'));
  show.action(async (reference: string | undefined, options: { readonly format: Format }, parsed: Command) => {
    const request = await environmentRequestOf(parsed);
    const shown = reference === undefined ? await showConfig(request) : await showOne(reference, request);
    await printConfig(shown, options.format);
    finish(0);
  });
}

async function showOne(reference: string, request: Parameters<typeof showEnvironment>[1]): Promise<unknown> {
  const [name, service] = splitReference(reference);
  const shown = await showEnvironment(name, request);
  if (service === undefined) return shown;
  // It is asked for by name, so that one that is not there is refused as `run` refuses it.
  const { resolveEnvironment, serviceOf } = await import('../../core/environments/index.js');
  const { name: found } = serviceOf(await resolveEnvironment(name, request), service);
  return (shown.services as Record<string, unknown> | undefined)?.[found] ?? shown;
}

async function printConfig(shown: unknown, format: Format): Promise<void> {
  if (format === 'json') return print(`${JSON.stringify(shown, undefined, 2)}\n`);
  const { stringify } = await import('yaml');
  print(stringify(shown));
}

function defineExplain(command: Command, finish: Finish): void {
  const explain = command
    .command('explain')
    .description('say where a value came from')
    .argument('<key>', 'memory, env.A, services.web.image, NAME.memory')
    .argument('[@name[/service]]', 'in an environment')
    .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'));
  addRunFlags(explain).action(async (key: string, reference: string | undefined, options, parsed: Command) => {
    const [name, service] = reference === undefined ? [] : splitReference(reference);
    const explanations = await explainKey(readTarget(key, name, service), await environmentRequestOf(parsed));
    const isJson = (options as { readonly format: string }).format === 'json';
    print(isJson ? `${JSON.stringify(explanations, undefined, 2)}\n` : explanationText(explanations));
    finish(0);
  });
}

function defineSchema(command: Command, finish: Finish): void {
  command
    .command('schema')
    .description('print the JSON Schema of a config file, with the options of the plugins that are configured')
    .action(async (_options: object, parsed: Command) => {
      const { config } = await environmentRequestOf(parsed);
      const { jsonSchema } = await import('../../core/config/json-schema.js');
      const own = await Promise.all(builtins.map((builtin) => builtin.load()));
      const schema = jsonSchema([...own, ...config.plugins.map(({ definition }) => definition)]);
      print(`${JSON.stringify(schema, undefined, 2)}\n`);
      finish(0);
    });
}

/** They win over what the files say, as they do for `run`. */
function addRunFlags(command: Command): Command {
  command.helpOption('--help', 'print this help');
  for (const key of RUN_KEYS) addOption(command, key, runOption(key));
  return command;
}
