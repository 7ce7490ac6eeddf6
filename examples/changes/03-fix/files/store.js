// Books and orders in PostgreSQL.

export async function listBooks(pool) {
  const { rows } = await pool.query('SELECT id, title, author, price FROM books ORDER BY id');
  return rows;
}

/** Adds the order; undefined when one of its books does not exist. */
export async function createOrder(pool, lines) {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query('INSERT INTO orders DEFAULT VALUES RETURNING id');
    const added = await addLines(client, rows[0].id, lines);
    return added ? findOrder(client, rows[0].id) : undefined;
  });
}

/** Replaces the lines of an order; undefined when it or one of the books does not exist. */
export async function changeOrder(pool, id, lines) {
  return inTransaction(pool, async (client) => {
    const found = await client.query('SELECT 1 FROM orders WHERE id = $1 FOR UPDATE', [id]);
    if (found.rowCount === 0) return undefined;
    await client.query('DELETE FROM order_lines WHERE order_id = $1', [id]);
    const added = await addLines(client, id, lines);
    return added ? findOrder(client, id) : undefined;
  });
}

export async function findOrder(client, id) {
  const { rows } = await client.query('SELECT id, placed_at FROM orders WHERE id = $1', [id]);
  return rows.length === 0 ? undefined : completeOrder(client, rows[0]);
}

/** The newest orders first. */
export async function listOrders(pool, limit = 20) {
  const { rows } = await pool.query('SELECT id, placed_at FROM orders ORDER BY id DESC LIMIT $1', [limit]);
  return Promise.all(rows.map((row) => completeOrder(pool, row)));
}

export async function deleteOrder(pool, id) {
  const { rowCount } = await pool.query('DELETE FROM orders WHERE id = $1', [id]);
  return rowCount > 0;
}

async function completeOrder(client, { id, placed_at }) {
  const { rows: lines } = await client.query(
    `SELECT l.book_id AS book, b.title, b.price, l.copies
     FROM order_lines l JOIN books b ON b.id = l.book_id
     WHERE l.order_id = $1 ORDER BY l.book_id`,
    [id],
  );
  return { id, placedAt: placed_at, lines, total: await totalOfOrder(client, id) };
}

async function totalOfOrder(client, id) {
  const { rows } = await client.query(
    `SELECT coalesce(sum(b.price * l.copies), 0)::int AS total
     FROM order_lines l JOIN books b ON b.id = l.book_id WHERE l.order_id = $1`,
    [id],
  );
  return rows[0].total;
}

async function addLines(client, id, lines) {
  const { rowCount } = await client.query(
    `INSERT INTO order_lines (order_id, book_id, copies)
     SELECT $1, b.id, l.copies FROM jsonb_to_recordset($2) AS l(book int, copies int) JOIN books b ON b.id = l.book`,
    [id, JSON.stringify(lines)],
  );
  return rowCount === lines.length;
}

/** Commits what `work` did unless it found nothing to do (undefined) or failed. */
async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query(result === undefined ? 'ROLLBACK' : 'COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(error);
    throw error;
  }
}
