'use strict';
// Adapter for the browser SDK `unleash-proxy-client`; protocol: ../README.md, "Adapters".
//
// The SDK holds one context and asks the server for it, so two clients live here: one polls with
// a fixed context (batches without a context), the other is asked context by context and has no
// timer that could abort the request under way.
const readline = require('node:readline');
const { UnleashClient, InMemoryStorageProvider } = require('unleash-proxy-client');
const fs = require('node:fs');
const path = require('node:path');

const manifest = path.join(__dirname, 'node_modules', 'unleash-proxy-client', 'package.json');
const { version } = JSON.parse(fs.readFileSync(manifest, 'utf8'));

// A browser makes up a session id; a fixed one keeps the answers the same from run to run.
const SESSION = 'js-session';
const errors = [];
const impressions = [];
let poller;
let asker;
let ready = false;

console.error = (...words) => process.stderr.write(`${words.join(' ')}\n`);
console.log = console.error;
console.warn = console.error;

function build(options, extra) {
  const built = new UnleashClient({
    url: options.url,
    clientKey: options.token,
    appName: options.appName,
    environment: options.environment,
    context: { sessionId: SESSION },
    storageProvider: new InMemoryStorageProvider(),
    usePOSTrequests: Boolean(options.post),
    ...extra,
  });
  built.on('error', (error) => errors.push(JSON.stringify(error) || String(error)));
  built.on('impression', (event) =>
    impressions.push({ flag: event.featureName, type: event.eventType }),
  );
  return built;
}

async function init(options) {
  poller = build(options, {
    refreshInterval: options.refreshMs / 1000,
    metricsInterval: options.metricsMs / 1000,
    metricsIntervalInitial: options.metricsMs / 1000,
  });
  asker = build(options, { disableRefresh: true, disableMetrics: true });
  const started = Promise.all([
    new Promise((resolve) => poller.on('ready', resolve)),
    new Promise((resolve) => asker.on('ready', resolve)),
    poller.start(),
    asker.start(),
  ]).then(() => {
    ready = true;
  });
  const timeout = new Promise((resolve) => setTimeout(resolve, options.readyMs));
  await Promise.race([started, timeout]);
  return { ready };
}

async function evaluateBatch(batch) {
  let client = poller;
  if (batch.context) {
    // Before its first answer the SDK would wait here without end.
    if (!ready) throw new Error('the SDK is not ready');
    client = asker;
    await client.updateContext({ sessionId: SESSION, ...batch.context });
  }
  return batch.flags.map((flag) => {
    const answer = {};
    if (batch.only !== 'variant') answer.enabled = client.isEnabled(flag);
    if (batch.only !== 'enabled') {
      const { name, enabled, payload } = client.getVariant(flag);
      answer.variant = { name, enabled, payload: payload || null };
    }
    return answer;
  });
}

const commands = {
  hello: () => ({ sdk: 'unleash-proxy-client', version, runtime: `node ${process.version}` }),
  init,
  evaluate: async ({ batches }) => {
    const results = [];
    for (const batch of batches) results.push(await evaluateBatch(batch));
    return { results };
  },
  state: () => ({ ready, errors: errors.splice(0), impressions: impressions.splice(0) }),
  close: () => {
    if (poller) poller.stop();
    if (asker) asker.stop();
    return {};
  },
};

const lines = readline.createInterface({ input: process.stdin });
let queue = Promise.resolve();
lines.on('line', (line) => {
  queue = queue.then(async () => {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = { ok: true, ...(await commands[request.cmd](request)) };
    } catch (error) {
      reply = { ok: false, error: String((error && error.stack) || error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
    if (request.cmd === 'close') process.exit(0);
  });
});
lines.on('close', () => queue.then(() => process.exit(0)));
