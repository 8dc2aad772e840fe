// Loaded with `node --require`: writes to descriptor 3, when the process ends, at which milliseconds of its life
// it was where: in the first script, with the first layer of the bundle loaded, with the modules of the command
// line evaluated, at the end.
'use strict';
const { writeSync } = require('node:fs');
const { Script } = require('node:vm');

const COMMAND_LINE = 'cli/command-line.ts';
const marks = { boot: performance.now() };
const mark = (name) => {
  marks[name] ??= performance.now();
};
const { runInThisContext } = Script.prototype;

Script.prototype.runInThisContext = function (...options) {
  const layer = runInThisContext.apply(this, options);
  if (typeof layer !== 'function') return layer;
  return (exports, require, module, ...rest) => {
    layer(exports, require, module, ...rest);
    mark('load');
    const define = module.exports[COMMAND_LINE];
    if (define === undefined) return;
    module.exports[COMMAND_LINE] = () => {
      const defined = define();
      mark('define');
      return defined;
    };
  };
};
process.on('exit', () => {
  mark('run');
  writeSync(3, JSON.stringify(marks));
});
