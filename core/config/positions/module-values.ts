import type { Expression, File, Statement } from '@babel/types';

/** `export default X`, or `module.exports = X`. */
export function defaultExport({ program }: File): Expression | undefined {
  for (const statement of program.body) {
    const found = exportedBy(statement);
    if (found) return found;
  }
  return undefined;
}

function exportedBy(statement: Statement): Expression | undefined {
  if (statement.type === 'ExportDefaultDeclaration') {
    const { declaration } = statement;
    const isCode = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
    return isCode || declaration.type === 'TSDeclareFunction' ? undefined : declaration;
  }
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
    return undefined;
  const { left, right } = statement.expression;
  const isExports =
    left.type === 'MemberExpression' &&
    left.object.type === 'Identifier' &&
    left.object.name === 'module' &&
    left.property.type === 'Identifier' &&
    left.property.name === 'exports';
  return isExports ? right : undefined;
}

/** What a constant of the file is set to. */
export function topLevelValue({ program }: File, name: string): Expression | undefined {
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') continue;
    const found = declared.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
    if (found?.init) return found.init;
  }
  return undefined;
}
