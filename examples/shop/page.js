// The one page that people see.
import { formatPrice } from './orders.js';

const colours = { development: '#6d28d9', testing: '#0e7490', staging: '#b45309', production: '#15803d' };

export function renderPage({ greeting, books, orders, version }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(greeting.name)}</title>
<style>
  :root { --accent: ${colours[version.environment] ?? '#475569'}; color-scheme: light dark; }
  body { margin: 0; font: 16px/1.5 Georgia, serif; background: light-dark(#faf7f2, #1c1917); color: light-dark(#292524, #e7e5e4); }
  header { padding: 3rem 1.5rem 2rem; border-top: 6px solid var(--accent); text-align: center; }
  h1 { margin: 0; font-size: 2.4rem; }
  .line { margin: .3rem 0 1rem; font-style: italic; }
  .badge { font: 600 .8rem system-ui, sans-serif; color: #fff; background: var(--accent); border-radius: 99px; padding: .25rem .8rem; }
  main { max-width: 46rem; margin: 0 auto; padding: 0 1.5rem 3rem; }
  ul { list-style: none; padding: 0; }
  li { display: flex; gap: 1rem; align-items: center; padding: .8rem 0; border-bottom: 1px solid light-dark(#e7e0d5, #44403c); }
  .title { flex: 1; }
  .title small { display: block; opacity: .7; }
  .price { font-variant-numeric: tabular-nums; }
  button { font: 600 .9rem system-ui, sans-serif; border: 0; border-radius: 6px; padding: .5rem .9rem; color: #fff; background: var(--accent); cursor: pointer; }
  footer { font: .8rem system-ui, sans-serif; text-align: center; opacity: .7; padding-bottom: 2rem; overflow-wrap: anywhere; }
</style>
</head>
<body>
<header>
  <h1>${escape(greeting.name)}</h1>
  <p class="line">${escape(greeting.line)}</p>
  <span class="badge">${escape(version.environment)}</span>
</header>
<main>
  <ul>${books.map(renderBook).join('')}</ul>
  <h2>Latest orders</h2>
  <ul>${orders.map(renderOrder).join('') || '<li>None yet: be the first.</li>'}</ul>
</main>
<footer>release ${escape(version.release)} &middot; commit ${escape(version.commit.slice(0, 12))}</footer>
<script>
  for (const button of document.querySelectorAll('button[data-book]')) {
    button.addEventListener('click', async () => {
      const body = JSON.stringify({ lines: [{ book: Number(button.dataset.book), copies: 1 }] });
      const { ok } = await fetch('/orders', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      if (ok) location.reload();
      else button.textContent = 'Not possible now';
    });
  }
</script>
</body>
</html>
`;
}

function renderBook({ id, title, author, price }) {
  return `
    <li>
      <span class="title">${escape(title)}<small>${escape(author)}</small></span>
      <span class="price">${formatPrice(price)}</span>
      <button data-book="${id}">Order</button>
    </li>`;
}

function renderOrder({ id, lines, total }) {
  const titles = lines.map(({ title, copies }) => `${copies} &times; ${escape(title)}`).join(', ');
  return `
    <li><span class="title">No. ${id}: ${titles}</span><span class="price">${formatPrice(total)}</span></li>`;
}

function escape(text) {
  return String(text).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
