/**
 * The page on which a person signs in: one button, since links are opened by programs that look ahead, too. From there it goes on
 * to the console, where one was built.
 */
import { createHash } from 'node:crypto';

/** The colours of the console, which is not loaded before somebody is known. */
const style = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif;--link:light-dark(#0b5f73,#74c7dd)}
body{margin:15vh auto;padding:0 1rem;max-width:28rem;background:light-dark(#f6f7f8,#14181b);color:light-dark(#1b2327,#e7ecef)}
main{background:light-dark(#fff,#1c2226);border:1px solid light-dark(#d3d9dd,#374249);border-radius:.5rem;padding:1.5rem}
h1{font-size:1.25rem;line-height:1.3;margin:0}p{margin:1rem 0 0}code{font-family:ui-monospace,monospace}a{color:var(--link)}
button,a.button{font:inherit;margin-top:1rem;padding:.25rem .75rem;min-height:2rem;display:inline-block;box-sizing:border-box;cursor:pointer;text-decoration:none;
background:var(--link);color:light-dark(#fff,#10181b);border:1px solid var(--link);border-radius:.5rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}[hidden]{display:none!important}`;

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
  const say = `You need a link, which an administrator makes: <code>liftlock person link</code>. Open it in this browser.`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Liftlock: sign in</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head>
<body><main><h1>Sign in to Liftlock</h1><p id="say" role="status">${say}</p>
<button id="go">Sign in</button><p id="on" hidden><a href="/">Go on</a></p>${provider}</main><script>${script}</script></body></html>`;
}

export function signedInHtml(handle: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Liftlock: signed in</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head><body><main><h1>Signed in</h1><p role="status">You are signed in as ${escape(handle)}.</p><p><a href="/">Go on</a></p></main></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
