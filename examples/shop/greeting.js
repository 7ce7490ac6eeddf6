// What visitors read first.

export async function greetingOf(_pool, name) {
  return { name, line: 'Good books, sent tomorrow.' };
}
