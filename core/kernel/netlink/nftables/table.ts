import { be32Attribute, nested, parseAttributes, textAttribute, textOf } from '../attributes.js';
import { type NetlinkMessage, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../message.js';
import type { Expression } from './expressions.js';
import { change, question } from './message.js';

/** Tables, chains and rules. */
const NFTA_NAME = 1;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const;
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const;
const NFTA_HOOK = { NUMBER: 1, PRIORITY: 2 } as const;

export const HOOK = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;
/** Where chains of one hook stand among each other; low goes first. */
export const PRIORITY = { raw: -300, dnat: -100, filter: 0, srcnat: 100 } as const;
const POLICY_DROP = 0;
const POLICY_ACCEPT = 1;

export interface BaseChain {
  readonly name: string;
  readonly type: 'nat' | 'filter';
  readonly hook: keyof typeof HOOK;
  readonly priority: keyof typeof PRIORITY;
}

/** A chain of any table, as a dump shows it. */
export interface ChainInfo {
  readonly family: number;
  readonly table: string;
  readonly name: string;
  /** Undefined for a chain that only others jump to. */
  readonly hook: number | undefined;
  readonly type: string | undefined;
  readonly drops: boolean;
}

export function newTable(table: string): NetlinkMessage {
  return change('NEWTABLE', table, [textAttribute(NFTA_NAME, table)], NLM_F_CREATE | NLM_F_EXCL);
}

/** Deletes a table with all that is in it; ENOENT if it is not there. */
export function deleteTable(table: string): NetlinkMessage {
  return change('DELTABLE', table, [textAttribute(NFTA_NAME, table)]);
}

export function getTable(table: string): NetlinkMessage {
  return question('GETTABLE', table, [textAttribute(NFTA_NAME, table)], { all: false });
}

export function dumpTables(): NetlinkMessage {
  return question('GETTABLE', 'all', [], { all: true });
}

/** A chain that a netfilter hook runs; its policy is accept. */
export function newChain(table: string, chain: BaseChain): NetlinkMessage {
  const number = be32Attribute(NFTA_HOOK.NUMBER, HOOK[chain.hook]);
  const hook = nested(NFTA_CHAIN.HOOK, [number, be32Attribute(NFTA_HOOK.PRIORITY, PRIORITY[chain.priority])]);
  const names = [textAttribute(NFTA_CHAIN.TABLE, table), textAttribute(NFTA_CHAIN.NAME, chain.name)];
  const policy = be32Attribute(NFTA_CHAIN.POLICY, POLICY_ACCEPT);
  const attributes = [...names, textAttribute(NFTA_CHAIN.TYPE, chain.type), policy, hook];
  return change('NEWCHAIN', `${table} ${chain.name}`, attributes, NLM_F_CREATE | NLM_F_EXCL);
}

/** Chains of all tables of a family (0: of all families). */
export function dumpChains(family: number): NetlinkMessage {
  return question('GETCHAIN', 'all', [], { all: true, family });
}

/** A rule at the end of a chain. */
export function newRule(table: string, chain: string, expressions: readonly Expression[]): NetlinkMessage {
  const names = [textAttribute(NFTA_RULE.TABLE, table), textAttribute(NFTA_RULE.CHAIN, chain)];
  const attributes = [...names, nested(NFTA_RULE.EXPRESSIONS, expressions)];
  return change('NEWRULE', `${table} ${chain}`, attributes, NLM_F_CREATE | NLM_F_APPEND);
}

/** All rules of a table. */
export function dumpRules(family: number, table: string): NetlinkMessage {
  return question('GETRULE', table, [textAttribute(NFTA_RULE.TABLE, table)], { all: true, family });
}

export function decodeTableName(payload: Buffer): string {
  return textOf(parseAttributes(payload.subarray(4)).get(NFTA_NAME)) ?? '';
}

export function decodeChain(payload: Buffer): ChainInfo {
  const attributes = parseAttributes(payload.subarray(4));
  const hook = attributes.get(NFTA_CHAIN.HOOK);
  return {
    family: payload.readUInt8(0),
    table: textOf(attributes.get(NFTA_CHAIN.TABLE)) ?? '',
    name: textOf(attributes.get(NFTA_CHAIN.NAME)) ?? '',
    hook: hook && parseAttributes(hook).get(NFTA_HOOK.NUMBER)?.readUInt32BE(0),
    type: textOf(attributes.get(NFTA_CHAIN.TYPE)),
    drops: attributes.get(NFTA_CHAIN.POLICY)?.readUInt32BE(0) === POLICY_DROP,
  };
}
