// esbuild makes the exports of all modules when their layer is loaded, a described property and a function for each
// name, and copies all of them for who requires the module: thousands at a start that asks for a few modules. In
// a text that has been through here a module's exports are made when they are asked for, once, for everybody.
const MADE = /__export\((\w+),(\{[^{}]*\})\)/g;

/** esbuild's helpers, and what stands here in their place. */
const HELPERS = [
  [
    /__reExport=\(target,mod,secondTarget\)=>\(__copyProps\(target,mod,"default"\),secondTarget/,
    '__reExport=(target,mod,secondTarget,all=__unmade.get(target))=>' +
      '(all?(all.more??=[]).push(mod):__copyProps(target,mod,"default"),secondTarget',
  ],
  [
    /__export=\(target,(\w+)\)=>\{for\(var name in \1\)__defProp\(target,name,\{get:\1\[name\],enumerable:!0\}\)\}/,
    '__unmade=new Map,__export=(target,all)=>{__unmade.set(target,all)},' +
      '__made=(target,all=__unmade.get(target))=>{if(all){__unmade.delete(target);' +
      'let{more=[]}=all;all=all();for(var name in all)target.__defineGetter__(name,all[name]);' +
      'for(let mod of more)__copyProps(target,mod,"default")}return target}',
  ],
  [
    /__toCommonJS=mod=>__copyProps\(__defProp\(\{\},"__esModule",\{value:!0\}\),mod\)/,
    '__toCommonJS=mod=>__made(mod).__esModule?mod:__defProp(mod,"__esModule",{value:!0})',
  ],
];

/** @param text of a layer, as esbuild's minifySyntax and minifyWhitespace leave it */
export function withLazyExports(text) {
  const names = [...text.matchAll(MADE)].map(([, name]) => name);
  if (names.length !== text.split('__export(').length - 1) throw new Error('exports of another form than expected');
  // Not where they are declared, nor where a helper gets them. In parentheses, for `new names.Class()`.
  const used = new RegExp(`(?<!__(?:export|reExport|toCommonJS)\\(|[\\w$.])(${names.join('|')})\\b(?!=\\{\\})`, 'g');
  let lazy = text.replace(used, '(__made($1))').replace(MADE, '__export($1,()=>($2))');
  for (const [theirs, ours] of HELPERS) {
    if (theirs.source.startsWith('__reExport') && !lazy.includes('__reExport(')) continue;
    if (!theirs.test(lazy)) throw new Error(`esbuild has another helper than ${theirs}`);
    lazy = lazy.replace(theirs, () => ours);
  }
  return lazy;
}
