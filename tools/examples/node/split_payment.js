// split_payment.js: a first call from Node: opens a platform, books a receipt, splits a payment.
//
// From the top of the clone:
//
//     npm install --prefix tools/examples/node
//     node tools/examples/node/split_payment.js 127.0.0.1:7450 node 770002
//
// With VSL_TLS_CA, VSL_TLS_CERT and VSL_TLS_KEY (PEM files) it calls over TLS with a client
// certificate.
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// int64 fields are strings here: a number of JavaScript holds integers only up to 2^53. Values of
// enums are numbers, so that one that this program does not know can be compared, too.
//
// SPDX-License-Identifier: Apache-2.0
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const BUSINESS_DATE = 20260105;
const TRY_FOR_MS = 120000;
// Statuses that leave open what became of a command, or may be gone soon.
const TRY_AGAIN = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED,
  grpc.status.RESOURCE_EXHAUSTED, grpc.status.CANCELLED, grpc.status.UNKNOWN,
  grpc.status.INTERNAL, grpc.status.ABORTED, grpc.status.DATA_LOSS];
// Reasons that leave it open, whatever the status: tell the operator, too.
const NOT_KNOWN = ['PERHAPS_DECIDED', 'SEAL_KEY_MISSING', 'STORED_ROW_DAMAGED'];
// Reasons that the same request meets again for ever, whatever the status.
const NEVER_AGAIN = ['BAD_CALL', 'ORDER_TOO_LARGE', 'TOO_MANY_FREEZES', 'HISTORY_REFUSED'];
const protos = path.join(__dirname, '../../../proto');
const files = ['account', 'funds', 'ledger', 'member'].map((name) => `vsl/v1/${name}.proto`);
const { vsl } = grpc.loadPackageDefinition(protoLoader.loadSync(files, {
  includeDirs: [protos], keepCase: true, longs: String, defaults: true }));
// The names of the outcomes by their numbers, and what travels in the details of an error.
const outcomes = new Map(vsl.v1.Outcome.type.value.map(({ number, name }) => [number, name]));
const root = new protobuf.Root();
root.resolvePath = (_, file) => (file.startsWith(protos) ? file : path.join(protos, file));
root.loadSync(['status', 'error_details'].map((name) => `google/rpc/${name}.proto`));

// A request's key. A real caller stores it with its own order before the first call.
function key(run, name) {
  return { channel: 'example', business_date: BUSINESS_DATE, serial: `${run}-${name}` };
}

// What the service says of a call that failed: its reason, and the fields that break a rule.
function why(error) {
  const said = { reason: '', fields: [] };
  for (const packed of error.metadata?.get('grpc-status-details-bin') ?? []) {
    for (const { type_url, value } of root.lookupType('google.rpc.Status').decode(packed).details) {
      const name = type_url.split('/').pop();
      if (name === 'google.rpc.ErrorInfo') said.reason = root.lookupType(name).decode(value).reason;
      if (name === 'google.rpc.BadRequest') {
        said.fields = root.lookupType(name).decode(value).fieldViolations;
      }
    }
  }
  return said;
}

// Sends the request until it is answered: with the same key it takes effect once.
async function call(client, method, request) {
  // Waits for a connection instead of failing as long as the server is not back.
  const metadata = new grpc.Metadata({ waitForReady: true });
  const ends = Date.now() + TRY_FOR_MS;
  for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
    try {
      return await new Promise((resolve, reject) => {
        const deadline = new Date(Date.now() + 10000);
        client[method](request, metadata, { deadline },
          (error, answer) => (error ? reject(error) : resolve(answer)));
      });
    } catch (error) {
      const { reason } = why(error);
      const isOpen = TRY_AGAIN.includes(error.code) && !NEVER_AGAIN.includes(reason);
      if (!isOpen && !NOT_KNOWN.includes(reason)) throw error;
      if (Date.now() >= ends) {
        // Not an answer: the command was perhaps carried out. A real caller keeps the order open
        // with its key, and a job sends the same request again, for days if need be.
        throw new Error(`no answer, send it again with the same key: ${error.message}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

// The answer to a command; throws the service's own words when it was refused.
async function accepted(client, method, request) {
  const answer = await call(client, method, request);
  const { outcome, field, text } = answer.result;
  if (outcome >= 100) {
    throw new Error(`${outcomes.get(outcome) ?? `outcome ${outcome}`} ${field}: ${text}`);
  }
  return answer;
}

// TLS with a certificate that says who calls, else plaintext.
function credentials() {
  const { VSL_TLS_CA: authority, VSL_TLS_KEY: key, VSL_TLS_CERT: certificate } = process.env;
  if (!authority) return grpc.credentials.createInsecure();
  const files = [authority, key, certificate].map((file) => fs.readFileSync(file));
  return grpc.credentials.createSsl(...files);
}

async function main(address = '127.0.0.1:7450', run = 'first', prefix = '770099') {
  const proof = credentials();
  // So long the library waits at most between two attempts to connect; else it becomes two minutes.
  const options = { 'grpc.max_reconnect_backoff_ms': 5000 };
  const ledgers = new vsl.v1.LedgerService(address, proof, options);
  const members = new vsl.v1.MemberService(address, proof, options);
  const accounts = new vsl.v1.AccountService(address, proof, options);
  const funds = new vsl.v1.FundsService(address, proof, options);

  const { ledger_id } = await accepted(ledgers, 'OpenLedger', {
    key: key(run, 'ledger'), platform_name: 'Example Mall', escrow_account_number: '62220001',
    currency: 'CNY', receiving_prefix: prefix, first_accounting_date: BUSINESS_DATE,
    // A trial: else members are identified before they receive.
    policy: 'ACCOUNT_POLICY_PRESET_UNCHECKED' });
  const opened = [];
  for (const name of ['buyer', 'shop', 'courier']) {
    const { member_id } = await accepted(members, 'OpenMember', {
      key: key(run, name), ledger_id, platform_member_id: name,
      kind: name === 'buyer' ? 'MEMBER_KIND_USER' : 'MEMBER_KIND_MERCHANT' });
    const { account_id } = await accepted(accounts, 'OpenAccount', {
      key: key(run, `${name}-account`), ledger_id, member_id });
    opened.push(account_id);
  }
  const [buyer, shop, courier] = opened;

  await accepted(funds, 'BookReceipt', {
    key: key(run, 'receipt'), ledger_id, account_id: buyer, amount_minor: '20000',
    payer: { name: 'Li Ming', account_number: '6222001' } });
  const payment = {
    key: key(run, 'payment'), ledger_id, payer_account_id: buyer, order_number: 'A-1001',
    payees: [{ account_id: shop, amount_minor: '10000' },
      { account_id: courier, amount_minor: '800' }] };
  const paid = (await accepted(funds, 'Pay', payment)).result;
  const again = (await accepted(funds, 'Pay', payment)).result;
  if (!again.replayed || again.sequence !== paid.sequence) throw new Error('paid twice');

  const balances = await call(accounts, 'GetBalances', { ledger_id, account_ids: opened });
  console.log(`paid once, as command ${paid.sequence}; available:`,
    balances.accounts.map((account) => account.balances.available_minor).join(' '));

  // What is malformed is not recorded: the details name each field, and the key stays free.
  payment.key = key(run, 'malformed');
  payment.payees[0].amount_minor = '0';
  await call(funds, 'Pay', payment).catch((error) => {
    const { reason, fields } = why(error);
    console.log(`${reason}:`, fields.map(({ field }) => field).join(' '));
  });
}

main(...process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error.message);
  process.exit(1);
});
