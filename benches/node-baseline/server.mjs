// Serves the TypeScript SDK's stateless server on this machine. The setup favours it: plain node:http, no framework.
// It checks Host and Origin, as toolcell does.
//
// Usage: node server.mjs PORT

import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { handle } from './tools.mjs';

const hostIsLocal = localhostHostValidation();
const originIsLocal = localhostOriginValidation();

const http = createServer((request, response) => {
  if (hostIsLocal(request, response) && originIsLocal(request, response)) void handle(request, response);
});
http.keepAliveTimeout = 60_000; // the driver's connections idle while it measures other contenders
http.listen(Number(process.argv[2]), '127.0.0.1');
