// Is checked against types of the world itself, of which one is called like the world.

import type { Plugin, PluginExports, Problem } from 'corners:ts/plugin@0.1.0';
import type { Tools } from 'corners:ts/tools@0.1.0';

export const shared = {};

export const tools: Tools = {
  keep: ({ kept }) => ({ kept: !kept }),
};

export const calm: PluginExports['calm'] = (plugin: Plugin) => {
  if (plugin.mood === 'wild') throw { tag: 'too-wild', val: plugin } satisfies Problem;
  return plugin.next ?? plugin.mood;
};

// @ts-expect-error: the scaffold's `lib` has no globals of a browser
export const absent = (): unknown => fetch('https://example.com/');
