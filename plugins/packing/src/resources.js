// Lists for activities as resources.

import { ACTIVITIES, activity } from './activity.js';

/** @import { Resources } from 'toolcell:plugin/resources@0.1.0' */
/** @import { Contents } from 'toolcell:plugin/content@0.1.0' */
/** @import { Activity } from './activity.js' */

/** The family of all lists. */
export const TEMPLATE = 'packing:///activities/{activity}';

const START = TEMPLATE.replace('{activity}', '');
const MARKDOWN = 'text/markdown';

/** The lists change with the plugin alone, and are nobody's secret. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** @type {Resources} */
export const resources = {
  listResources: () => ({
    resources: ACTIVITIES.map(({ name, title }) => ({ uri: START + name, name, title, mimeType: MARKDOWN, icons: [] })),
  }),

  listTemplates: () => ({
    templates: [{ uriTemplate: TEMPLATE, name: 'activity', title: 'What an activity takes', mimeType: MARKDOWN, icons: [] }],
  }),

  readResource(uri) {
    const found = uri.startsWith(START) ? activity(uri.slice(START.length)) : undefined;
    if (!found) throw { tag: 'not-found' };
    return { contents: [contents(found)], freshness: { ttlMs: DAY_MS, scope: 'public' } };
  },
};

/**
 * What an activity takes, as a page.
 *
 * @param {Activity} activity
 * @returns {Contents}
 */
export function contents({ name, title, items }) {
  const text = `# ${title}\n\n${items.map((item) => `- ${item}\n`).join('')}`;
  return { uri: START + name, mimeType: MARKDOWN, body: { tag: 'text', val: text } };
}
