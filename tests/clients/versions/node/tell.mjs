// Tells the story with one library: tell.mjs old|new LIBRARY URL

import * as libraries from './libraries.mjs';
import { tell } from './story.mjs';

const [age, name, url] = process.argv.slice(2);
const { load } = await import(`../npm-${age}/libraries.mjs`);
await tell(`${name}, ${age}`, await libraries[name](await load[name](), url));
