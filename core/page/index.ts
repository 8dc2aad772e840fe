/** Pages for people, each one file that asks nothing of a network: their frame and their looks. */

export { colourIndexes, PALETTE } from './colours.js';
export { htmlPage } from './document.js';
export { PAGE_STYLE } from './style.js';
export { escapeHtml } from './text.js';
