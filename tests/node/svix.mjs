// Signs and verifies with npm svix for SvixInteropTests: one JSON command per line of standard input, one JSON answer per line.
//   {"do":"sign","secret","id","timestamp","body"}            -> {"signature"}
//   {"do":"verify","secret","id","timestamp","signature","body"} -> {"verified", "error"?}
// The body is base64. The package is looked for in DUBCLERK_NODE_MODULES, else beside this file.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const modules = process.env.DUBCLERK_NODE_MODULES;
const require = createRequire(modules ? join(modules, 'index.js') : import.meta.url);
const { Webhook } = require(modules ? join(modules, 'svix') : 'svix');

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const webhook = new Webhook(command.secret);
  const body = Buffer.from(command.body, 'base64').toString('utf8');
  console.log(JSON.stringify(command.do === 'sign' ? sign(webhook, command, body) : verify(webhook, command, body)));
}

function sign(webhook, { id, timestamp }, body) {
  return { signature: webhook.sign(id, new Date(timestamp * 1000), body) };
}

function verify(webhook, { id, timestamp, signature }, body) {
  try {
    webhook.verify(body, { 'svix-id': id, 'svix-timestamp': `${timestamp}`, 'svix-signature': signature });
    return { verified: true };
  } catch (error) {
    return { verified: false, error: error.message };
  }
}
