/**
 * The page on which a person signs in: one button, since links are opened by programs that look ahead, too. From there it goes on
 * to the console, where one was built.
 */
import { createHash } from 'node:crypto';

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:32rem;margin:15vh auto;padding:0 1rem}
button,a.button{font:inherit;padding:.5rem 1rem;display:inline-block}`;

const script = `const code=location.hash.slice(1),say=document.querySelector('#say'),go=document.querySelector('#go');
history.replaceState(null,'',location.pathname);
if(code==='')go.hidden=true;else say.textContent='This link signs you in, once.';
go.addEventListener('click',async()=>{go.disabled=true;
const answer=await fetch('/api/v1/session',{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify({code})});
const body=await answer.json();go.hidden=true;document.querySelector('#on').hidden=!answer.ok;
if(answer.ok&&(await fetch('/',{headers:{accept:'text/html'}})).ok)location.replace('/');
say.textContent=answer.ok?'You are signed in as '+body.handle+'.':body.detail+'. '+(body.hint||'');});`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but this page's own script and style, and requests to this server. */
export const signInPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function signInHtml(oidc: { name: string; path: string } | undefined): string {
  const provider =
    oidc === undefined
      ? ''
      : `<p><a class="button" href="${escape(oidc.path)}">Sign in with ${escape(oidc.name)}</a></p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Liftlock: sign in</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head>
<body><main><h1>Sign in</h1><p id="say" role="status">An administrator makes a link for you: liftlock person link.</p>
<button id="go">Sign in</button><p><a id="on" href="/" hidden>Go on</a></p>${provider}</main><script>${script}</script></body></html>`;
}

export function signedInHtml(handle: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Liftlock: signed in</title>
<style>${style}</style></head><body><main><h1>Signed in</h1><p role="status">You are signed in as ${escape(handle)}.</p><p><a href="/">Go on</a></p></main></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
