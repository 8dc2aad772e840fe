import { definePlugin } from '../../core/plugin/index.js';
import { chooseNamespaces } from './choose.js';
import { recordHostNames } from './host-names.js';
import { recordPrivatePropagation } from './propagation.js';

export default definePlugin({
  name: 'namespaces',
  apiVersion: 1,
  recordKey: () => '',
  hooks: {
    preClone: ({ launch }) => chooseNamespaces(launch),
    childSetup: ({ child, launch }) => {
      recordPrivatePropagation(child);
      recordHostNames(child, launch);
    },
  },
});
