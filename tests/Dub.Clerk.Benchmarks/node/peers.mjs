// Clerk's and Svix's own libraries for Node, beside the bare work that no check can avoid: in turns, the median of many short rounds, as the
// benchmarks in C# do it. The token and the bodies are of the same size and kind as there.
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { verifyToken } from '@clerk/backend';
import { Webhook } from 'svix';

const rounds = 200;
const callsPerRound = 25;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwtKey = publicKey.export({ type: 'spki', format: 'pem' });
const key = createPublicKey(jwtKey);
const now = Math.floor(Date.now() / 1000);
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${encode({ alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid: 'ins_2ffPnGvzsOfWBdIPZ7Tb4Xo6pDL', typ: 'JWT' })}.${encode({
  azp: 'https://app.example.com', exp: now + 3600, fva: [0, -1], iat: now, iss: 'https://stand-in-1.clerk.accounts.dev', jti: '712a09d9090783776356',
  metadata: { dubClickId: 'AbCdEfGh01234567' }, nbf: now - 10, sid: 'sess_aHlpYs64wb0Bt3gPCvyJAgOob5H', sts: 'active',
  sub: 'user_29w83sxmDNGwOuEthce5gg56FcC', v: 2,
})}`;
const signature = sign('RSA-SHA256', Buffer.from(signed), privateKey);
const token = `${signed}.${signature.toString('base64url')}`;

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const hmacKey = Buffer.from(secret.slice(6), 'base64');
const webhook = new Webhook(secret);
const deliveries = [2_000, 20_000].map(size => {
  const body = JSON.stringify({ data: randomBytes(size / 2 - 6).toString('hex') });
  const headers = { 'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'svix-timestamp': `${now}` };
  headers['svix-signature'] = webhook.sign(headers['svix-id'], new Date(now * 1000), body);
  return { size, body, headers, bytes: Buffer.from(body) };
});

const calls = {
  'bare RSA verification': () => verify('RSA-SHA256', Buffer.from(signed), key, signature),
  '@clerk/backend verifyToken, jwtKey': async () => {
    const claims = await verifyToken(token, { jwtKey, authorizedParties: ['https://app.example.com'] });
    if (!claims.sub) throw new Error('The token was refused.');
  },
};
for (const { size, body, headers, bytes } of deliveries) {
  calls[`bare HMAC, ${size / 1000} KB`] = () => createHmac('sha256', hmacKey).update(bytes).digest();
  calls[`svix verify, ${size / 1000} KB`] = () => webhook.verify(body, headers);
}

const times = Object.fromEntries(Object.keys(calls).map(name => [name, []]));
for (let round = -rounds / 2; round < rounds; round++) {
  for (const [name, call] of Object.entries(calls)) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < callsPerRound; i++) await call();
    // The rounds before zero warm up.
    if (round >= 0) times[name].push(Number(process.hrtime.bigint() - started) / 1000 / callsPerRound);
  }
}

console.log('| Node | median |\n|---|---|');
for (const [name, all] of Object.entries(times)) {
  console.log(`| ${name} | ${all.sort((a, b) => a - b)[rounds / 2].toFixed(1)} µs |`);
}
