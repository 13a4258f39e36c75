// Serves the TypeScript SDK's stateless server over HTTP, for the Lambda Web Adapter to pass requests to. bundle.mjs
// bundles it.
//
// PORT is the port to listen on. SIGTERM ends it, as on Lambda when the environment ends; only an orderly end writes
// the compile cache.

import { createServer } from 'node:http';
import { handle } from './tools.mjs';

const http = createServer((request, response) => void handle(request, response));
http.keepAliveTimeout = 60_000;
process.on('SIGTERM', () => process.exit(0));
http.listen(Number(process.env.PORT), '127.0.0.1');
