/** A launch as a page for people: one file, which asks nothing of a network. */

export { planPage, tracePage } from './page.js';
