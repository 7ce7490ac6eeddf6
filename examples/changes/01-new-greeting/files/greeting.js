// What visitors read first: the newest announcement.

export async function greetingOf(pool, name) {
  const { rows } = await pool.query('SELECT line FROM announcements ORDER BY id DESC LIMIT 1');
  return { name, line: rows[0]?.line ?? 'Good books, sent tomorrow.' };
}
