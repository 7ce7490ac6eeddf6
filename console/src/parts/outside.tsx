/** An address that somebody wrote. Only web addresses become links; anything else stays text. */
export function Outside({ url, text }: { readonly url: string; readonly text?: string }) {
  if (!/^https?:\/\//i.test(url)) return <span>{text ?? url}</span>;
  return (
    <a href={url} rel="noreferrer">
      {text ?? url}
    </a>
  );
}
