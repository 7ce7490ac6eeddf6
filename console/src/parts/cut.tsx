/** So many characters of a title in a line of text: about one line of a wide window, and three of a phone. */
const most = 80;

/** A title as people wrote it, which may be long: its beginning; all of it when pointed at and where it is at home. */
export function Cut({ text }: { readonly text: string }) {
  const characters = [...text];
  return (
    <span className="cut" title={text}>
      {characters.length > most
        ? `${characters
            .slice(0, most - 1)
            .join('')
            .trimEnd()}…`
        : text}
    </span>
  );
}
