// split_payment.js: a first call from Node: opens a platform, books a receipt, splits a payment.
//
//     npm install
//     node split_payment.js 127.0.0.1:7450 first
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// int64 fields are strings here: a number of JavaScript holds integers only up to 2^53.
//
// SPDX-License-Identifier: Apache-2.0
'use strict';

const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const BUSINESS_DATE = 20260105;
const TRY_AGAIN = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED,
  grpc.status.RESOURCE_EXHAUSTED];
const protos = path.join(__dirname, '../../../proto');
const files = ['account', 'funds', 'ledger', 'member'].map((name) => `vsl/v1/${name}.proto`);
const { vsl } = grpc.loadPackageDefinition(protoLoader.loadSync(files, {
  includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true }));

// A request's key. A real caller stores it with its own order before the first call.
function key(run, name) {
  return { channel: 'example', business_date: BUSINESS_DATE, serial: `${run}-${name}` };
}

// Sends the request until it is answered: with the same key it takes effect once.
async function call(client, method, request) {
  for (const pause of [100, 500, 2000, 5000, null]) {
    try {
      return await new Promise((resolve, reject) => {
        const deadline = new Date(Date.now() + 10000);
        client[method](request, { deadline },
          (error, answer) => (error ? reject(error) : resolve(answer)));
      });
    } catch (error) {
      if (!TRY_AGAIN.includes(error.code) || pause === null) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  throw new Error('the last pause is none');
}

// The answer to a command; throws the service's own words when it was refused.
async function accepted(client, method, request) {
  const answer = await call(client, method, request);
  if (!answer.result.outcome.startsWith('OUTCOME_ACCEPTED')) {
    throw new Error(`${answer.result.outcome}: ${answer.result.text}`);
  }
  return answer;
}

async function main(address = '127.0.0.1:7450', run = 'first', prefix = '880099') {
  const plaintext = grpc.credentials.createInsecure();
  const ledgers = new vsl.v1.LedgerService(address, plaintext);
  const members = new vsl.v1.MemberService(address, plaintext);
  const accounts = new vsl.v1.AccountService(address, plaintext);
  const funds = new vsl.v1.FundsService(address, plaintext);

  const { ledger_id } = await accepted(ledgers, 'OpenLedger', {
    key: key(run, 'ledger'), platform_name: 'Example Mall', escrow_account_number: '62220001',
    currency: 'CNY', receiving_prefix: prefix, first_accounting_date: BUSINESS_DATE });
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
}

main(...process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error.message);
  process.exit(1);
});
