// Makes one module of a plugin's module and all that it imports, but for what the host provides. `toolcell build` runs
// it inside the plugin's directory, so that the project's own rolldown is found.

import { parseArgs } from 'node:util';

import { rolldown } from 'rolldown';

const { values: options } = parseArgs({
  options: {
    js: { type: 'string' },
    output: { type: 'string' },
    external: { type: 'string', multiple: true, default: [] },
  },
});

try {
  const bundle = await rolldown({
    input: options.js,
    external: options.external,
    // Neither Node.js nor a browser: packages that need one of them do not run.
    platform: 'neutral',
    resolve: { mainFields: ['module', 'main'] },
    // What many packages ask although they run anywhere.
    transform: { define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' } },
    onLog(level, log) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (level === 'warn') console.error(log.message);
    },
  });
  await bundle.write({ file: options.output, format: 'esm' });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
