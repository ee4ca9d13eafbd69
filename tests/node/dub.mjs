// Calls a server with npm dub, its validation of replies on: one JSON command per line of standard input, one JSON answer per line.
//   {"server","token","call":"track.lead","request":{…}} or with several "arguments":[…] -> {"reply"} or {"error":{"name","status","message"}}
// The package is looked for in DUBCLERK_NODE_MODULES, else beside this file.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const modules = process.env.DUBCLERK_NODE_MODULES;
const require = createRequire(modules ? join(modules, 'index.js') : import.meta.url);
const { Dub } = require(modules ? join(modules, 'dub') : 'dub');

for await (const line of createInterface({ input: process.stdin })) {
  const { server, token, call, request, arguments: all = [request] } = JSON.parse(line);
  const dub = new Dub({ token, serverURL: server });
  const [resource, method] = call.split('.');
  try {
    const reply = await dub[resource][method](...all);
    // Lists are pages that can be iterated.
    console.log(JSON.stringify({ reply: reply?.result ?? reply }));
  } catch (error) {
    console.log(JSON.stringify({ error: { name: error.name, status: error.statusCode, message: error.message } }));
  }
}
