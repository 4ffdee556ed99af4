// What programs with node-postgres do, through a port that is given by PGHOST and PGPORT; SESSION_PORT is one
// where a client keeps its server. Prints a line for each part that went well; the first error ends it.
'use strict';
const assert = require('node:assert');
const { Client, Pool } = require('pg');

const SESSION = { port: Number(process.env.SESSION_PORT) };
let pool;

const parts = {
  async connects() {
    const client = new Client();
    await client.connect();
    const { rows } = await client.query('SELECT $1::text AS it', ['hello']);
    assert.deepStrictEqual(rows, [{ it: 'hello' }]);
    await client.end();
  },

  async typesAndRows() {
    const { rows, fields } = await pool.query({
      text: "SELECT 1::int, 'x'::text, true, NULL::int, '{\"a\":1}'::json, ARRAY[1,2], '2001-02-03 04:05:06Z'::timestamptz",
      rowMode: 'array',
    });
    assert.deepStrictEqual(rows[0].slice(0, 6), [1, 'x', true, null, { a: 1 }, [1, 2]]);
    assert.strictEqual(rows[0][6].toISOString(), '2001-02-03T04:05:06.000Z');
    assert.strictEqual(fields.length, 7);
  },

  async preparedStatements() {
    const jobs = [];
    for (let i = 0; i < 400; i++) {
      const n = i % 8;
      jobs.push(
        pool
          .query({ name: 'plus' + n, text: 'SELECT $1::int + ' + n + ' AS sum', values: [i] })
          .then(({ rows }) => assert.strictEqual(rows[0].sum, i + n)),
      );
    }
    await Promise.all(jobs);
  },

  async transactions() {
    const client = await pool.connect();
    await client.query('CREATE TABLE node_t (a int PRIMARY KEY)');
    try {
      await client.query('BEGIN');
      const server = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
      await client.query('INSERT INTO node_t VALUES ($1)', [1]);
      assert.strictEqual((await pool.query('SELECT count(*)::int AS n FROM node_t')).rows[0].n, 0);
      assert.strictEqual((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid, server);
      await client.query('SAVEPOINT s');
      await assert.rejects(client.query('INSERT INTO node_t VALUES ($1)', [1]), { code: '23505' });
      await client.query('ROLLBACK TO s');
      await client.query('COMMIT');
      assert.strictEqual((await pool.query('SELECT count(*)::int AS n FROM node_t')).rows[0].n, 1);
      await client.query('BEGIN');
      await client.query('DELETE FROM node_t');
      await client.query('ROLLBACK');
      assert.strictEqual((await pool.query('SELECT count(*)::int AS n FROM node_t')).rows[0].n, 1);
    } finally {
      await client.query('DROP TABLE node_t');
      client.release();
    }
  },

  async bigResults() {
    const { rows } = await pool.query("SELECT i, repeat('x', 100) AS pad FROM generate_series(1, 50000) i");
    assert.strictEqual(rows.length, 50000);
    assert.strictEqual(rows[49999].i, 50000);
    const big = 'y'.repeat(5000000);
    assert.strictEqual((await pool.query('SELECT length($1::text) AS n', [big])).rows[0].n, big.length);
    assert.strictEqual((await pool.query('SELECT $1::text AS it', [big])).rows[0].it, big);
  },

  async errors() {
    const client = await pool.connect();
    await assert.rejects(client.query('SELECT FROM nowhere'), { code: '42P01' });
    await assert.rejects(client.query('SELECT $1::int', ['x']), { code: '22P02' });
    await assert.rejects(client.query('SELEC'), { code: '42601' });
    await assert.rejects(client.query({ name: 'bad', text: 'SELECT FROM nowhere' }), { code: '42P01' });
    await assert.rejects(client.query({ name: 'bad', text: 'SELECT FROM nowhere' }), { code: '42P01' });
    assert.strictEqual((await client.query('SELECT 1 AS one')).rows[0].one, 1);
    client.release();
  },

  async severalStatementsInOneQuery() {
    const results = await pool.query("SELECT 1 AS a; SELECT 'b' AS b");
    assert.deepStrictEqual(results.map((r) => r.rows[0]), [{ a: 1 }, { b: 'b' }]);
  },

  async cancels() {
    const client = new Client();
    await client.connect();
    const sleep = client.query('SELECT pg_sleep(30)');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const other = new Client();
    other.connection.on('connect', () => other.connection.cancel(client.processID, client.secretKey));
    other.connection.on('error', () => {});
    other.connection.connect(Number(process.env.PGPORT), process.env.PGHOST);
    await assert.rejects(sleep, { code: '57014' });
    assert.strictEqual((await client.query('SELECT 2 AS two')).rows[0].two, 2);
    await client.end();
  },

  async settings() {
    const one = new Client({ application_name: 'node one', statement_timeout: 5000 });
    const two = new Client({ application_name: 'node two' });
    await Promise.all([one.connect(), two.connect()]);
    for (let i = 0; i < 10; i++) {
      assert.strictEqual((await one.query('SHOW application_name')).rows[0].application_name, 'node one');
      assert.strictEqual((await two.query('SHOW application_name')).rows[0].application_name, 'node two');
      assert.strictEqual((await one.query('SHOW statement_timeout')).rows[0].statement_timeout, '5s');
      assert.strictEqual((await two.query('SHOW statement_timeout')).rows[0].statement_timeout, '0');
    }
    await Promise.all([one.end(), two.end()]);
  },

  async notifications() {
    const listener = new Client(SESSION);
    await listener.connect();
    const heard = new Promise((resolve) => listener.on('notification', (n) => resolve(n.payload)));
    await listener.query('LISTEN node_channel');
    await pool.query("SELECT pg_notify('node_channel', 'news')");
    assert.strictEqual(await heard, 'news');
    await listener.end();
  },

  async sessions() {
    const client = new Client(SESSION);
    await client.connect();
    await client.query('CREATE TEMP TABLE mine AS SELECT 5 AS a');
    await client.query("SET search_path = 'pg_temp'");
    assert.strictEqual((await client.query('SELECT a FROM mine')).rows[0].a, 5);
    await client.end();
  },

  async vanishing() {
    for (let i = 0; i < 10; i++) {
      const client = new Client();
      client.on('error', () => {});
      await client.connect();
      client.query('SELECT pg_sleep(30)').catch(() => {});
      client.connection.stream.destroy();
    }
    assert.strictEqual((await pool.query('SELECT 3 AS three')).rows[0].three, 3);
  },
};

(async () => {
  pool = new Pool({ max: 20 });
  for (const [name, part] of Object.entries(parts)) {
    try {
      await part();
    } catch (e) {
      console.error('not ok ' + name, e);
      process.exit(1);
    }
    console.log('ok ' + name);
  }
  await pool.end();
})();
