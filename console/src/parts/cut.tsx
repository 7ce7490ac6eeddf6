/** A title as people wrote it, which may be long: one line of it, all of it when pointed at and where it is at home. */
export function Cut({ text }: { readonly text: string }) {
  return (
    <span className="cut" title={text}>
      {text}
    </span>
  );
}
