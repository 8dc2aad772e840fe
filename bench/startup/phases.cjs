// Loaded with `node --require`: writes to descriptor 3, when the process ends, at which milliseconds of its life
// it was where: in the first script, with the bundle loaded, with its modules evaluated, at the end.
'use strict';
const { writeSync } = require('node:fs');
const Module = require('node:module');

const marks = { boot: performance.now() };
const mark = (name) => {
  marks[name] ??= performance.now();
};
const load = Module._load;

Module._load = function (request, ...rest) {
  const exported = load.call(this, request, ...rest);
  if (!String(request).endsWith('load.cjs') || typeof exported.commandLine !== 'function') return exported;
  mark('load');
  return {
    ...exported,
    commandLine: async () => {
      const { runCommandLine, ...others } = await exported.commandLine();
      mark('define');
      return { ...others, runCommandLine };
    },
  };
};
process.on('exit', () => {
  mark('run');
  writeSync(3, JSON.stringify(marks));
});
