// What visitors read first: a welcome in their language, and the newest announcement.

const welcomes = { en: 'Welcome.', de: 'Willkommen.', fr: 'Bienvenue.' };

export async function greetingOf(pool, name, language = 'en') {
  const { rows } = await pool.query('SELECT line FROM announcements ORDER BY id DESC LIMIT 1');
  const line = rows[0]?.line ?? 'Good books, sent tomorrow.';
  return { name, line: welcomes[language].concat(' ', line) };
}
