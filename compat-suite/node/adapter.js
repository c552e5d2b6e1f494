'use strict';
// Adapter for the Node.js SDK `unleash-client`; protocol: ../README.md, "Adapters".
const readline = require('node:readline');
const { Unleash } = require('unleash-client');
const { version } = require('unleash-client/package.json');

const MODES = {
  streaming: { type: 'streaming' },
  delta: { type: 'polling', format: 'delta' },
};
const errors = [];
const impressions = [];
let client;
let ready = false;

function note(error) {
  errors.push(String((error && error.message) || error));
}

function init(options) {
  client = new Unleash({
    url: options.url,
    appName: options.appName,
    instanceId: options.instanceId,
    environment: options.environment,
    customHeaders: { Authorization: options.token },
    refreshInterval: options.refreshMs,
    metricsInterval: options.metricsMs,
    backupPath: options.workDir,
    skipInstanceCountWarning: true,
    experimentalMode: MODES[options.mode],
  });
  client.on('error', note);
  client.on('warn', note);
  client.on('impression', (event) =>
    impressions.push({ flag: event.featureName, type: event.eventType }),
  );
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ ready }), options.readyMs);
    client.on('synchronized', () => {
      ready = true;
      clearTimeout(timer);
      resolve({ ready });
    });
  });
}

function toContext(context) {
  if (!context || !context.currentTime) return context || {};
  return { ...context, currentTime: new Date(context.currentTime) };
}

function evaluateOne(flag, context, batch) {
  const answer = {};
  try {
    if (batch.only !== 'variant') {
      answer.enabled = client.isEnabled(flag, context, batch.default);
    }
    if (batch.only !== 'enabled') {
      const { name, enabled, payload } = client.getVariant(flag, context, batch.defaultVariant);
      answer.variant = { name, enabled, payload: payload || null };
    }
  } catch (error) {
    answer.error = error.constructor.name;
  }
  return answer;
}

const commands = {
  hello: () => ({ sdk: 'unleash-client', version, runtime: `node ${process.version}` }),
  init,
  evaluate: ({ batches }) => ({
    results: batches.map((batch) => {
      const context = toContext(batch.context);
      return batch.flags.map((flag) => evaluateOne(flag, context, batch));
    }),
  }),
  state: () => ({ ready, errors: errors.splice(0), impressions: impressions.splice(0) }),
  close: async () => {
    if (client) client.destroy();
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
