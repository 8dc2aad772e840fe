import type { Alias, Document, LineCounter, YAMLMap } from 'yaml';
import type { Finder, Position } from './position.js';

/** A node, and where what is written of it begins: for a member of a map that is its key. */
interface Place {
  readonly node: unknown;
  readonly offset: number;
}

type Yaml = typeof import('yaml');

export async function yamlFinder(text: string): Promise<Finder> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  const walk = new Walk(yaml, document);
  return (path) => {
    let place: Place = walk.start();
    for (const key of path) {
      const next = walk.member(place.node, key);
      if (!next) return position(lines, place.offset, false);
      place = next;
    }
    return position(lines, place.offset, true);
  };
}

function position(lines: LineCounter, offset: number, exact: boolean): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, exact };
}

class Walk {
  constructor(
    readonly yaml: Yaml,
    readonly document: Document,
  ) {}

  start(): Place {
    const { contents } = this.document;
    return { node: contents, offset: contents?.range?.[0] ?? 0 };
  }

  member(node: unknown, key: string | number): Place | undefined {
    const { isAlias, isMap, isNode, isSeq } = this.yaml;
    const at = isAlias(node) ? (node as Alias).resolve(this.document) : node;
    if (isSeq(at)) {
      const item: unknown = at.items[Number(key)];
      return isNode(item) ? { node: item, offset: item.range?.[0] ?? 0 } : undefined;
    }
    return isMap(at) ? (this.#own(at, key) ?? this.#merged(at, key)) : undefined;
  }

  #own(map: YAMLMap, key: string | number): Place | undefined {
    const { isScalar } = this.yaml;
    const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (!pair || !isScalar(pair.key)) return undefined;
    return { node: pair.value, offset: pair.key.range?.[0] ?? 0 };
  }

  /** `<<: *base`, or a list of them, of which the first that has the key counts. */
  #merged(map: YAMLMap, key: string | number): Place | undefined {
    const merged = this.#own(map, '<<')?.node;
    const sources: readonly unknown[] = this.yaml.isSeq(merged) ? merged.items : [merged];
    for (const source of sources) {
      const found = source === undefined ? undefined : this.member(source, key);
      if (found) return found;
    }
    return undefined;
  }
}
