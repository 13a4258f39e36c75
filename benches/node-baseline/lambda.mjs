// The TypeScript SDK's stateless server as a Lambda function's web server: one HTTP server, to which the Lambda
// Web Adapter passes the requests. Bundled by bundle.mjs.
//
// PORT is the port to listen on. SIGTERM ends it, as it does on Lambda when the environment goes; only an
// orderly end writes the compile cache.

import { createServer } from 'node:http';
import { handle } from './tools.mjs';

const http = createServer((request, response) => void handle(request, response));
http.keepAliveTimeout = 60_000;
process.on('SIGTERM', () => process.exit(0));
http.listen(Number(process.env.PORT), '127.0.0.1');
