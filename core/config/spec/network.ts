import type { NetworkSpec } from '../../plugin/spec.js';
import {
  parseAddress,
  parseDomain,
  parseHostLine,
  parseHostname,
  parseIpv4,
  parseMac,
  parseResolverOption,
} from '../parse/address.js';
import { parsePorts } from '../parse/port.js';
import type { Settings } from '../settings.js';

export function resolveNetwork(settings: Settings): NetworkSpec {
  return {
    ports: settings.all('publish').flatMap(parsePorts),
    dns: settings.nearest('dns').map(parseAddress),
    dnsSearch: settings.nearest('dnsSearch').map(parseDomain),
    dnsOptions: settings.nearest('dnsOption').map(parseResolverOption),
    addHosts: settings.all('addHost').map(parseHostLine),
    aliases: settings.all('networkAlias').map(parseHostname),
    ...settings.parsed('ip', 'ip', parseIpv4),
    ...settings.parsed('mac', 'macAddress', parseMac),
  };
}
