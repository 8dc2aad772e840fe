/** The two functions of semver that plugins need; loaded for a plugin whose apiVersion is a range. */
export { default as satisfies } from 'semver/functions/satisfies.js';
export { default as validRange } from 'semver/ranges/valid.js';
