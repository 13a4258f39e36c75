// Prints what the reports of run.mjs differ in, as a table: node compare.mjs NAME=REPORT...

import { readFileSync } from 'node:fs';

const servers = process.argv.slice(2).map((word) => word.split('='));
const reports = servers.map(([, file]) => JSON.parse(readFileSync(file, 'utf8')));
const key = ({ table, name }) => `${table}: ${name}`;
const wrong = reports.map((report) => new Map(report.map((result) => [key(result), result])));
const cases = new Map(reports.flat().map((result) => [key(result), result]));

const counts = wrong.map((results) => {
  const all = [...results.values()].filter((result) => result.wrong !== undefined);
  const [good, bad] = [all.filter(({ isGood }) => isGood).length, all.filter(({ isGood }) => !isGood).length];
  return `${bad} of ${[...results.values()].filter(({ isGood }) => !isGood).length}, ${good}`;
});
console.log(`| | ${servers.map(([name]) => name).join(' | ')} |\n|---|${'---|'.repeat(servers.length)}`);
console.log(`| **wrong about bad ones, about good ones** | ${counts.join(' | ')} |`);
for (const [name, { isGood }] of cases) {
  const row = wrong.map((results) => results.get(name));
  if (row.every((result) => result?.wrong === undefined)) continue;
  const cells = row.map((result) => (result === undefined ? 'not tried' : (result.wrong ?? '')));
  console.log(`| ${isGood ? '(good) ' : ''}${name} | ${cells.join(' | ')} |`);
}
