import { useState, type ReactNode } from 'react';

/** A row of a table, and what there is more to it, which is asked for when it is opened. */
export function OpeningRow({
  word,
  of,
  columns,
  more,
  children,
}: {
  /** On the button, in the last column. */
  readonly word: string;
  /** Of which row it is, for those who do not see it. */
  readonly of: string;
  readonly columns: number;
  readonly more: ReactNode;
  /** The other cells. */
  readonly children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <tr>
        {children}
        <td>
          <button
            type="button"
            className="small"
            aria-expanded={isOpen}
            aria-label={`${word} of ${of}`}
            onClick={() => setOpen(!isOpen)}
          >
            {word}
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td colSpan={columns}>{more}</td>
        </tr>
      ) : null}
    </>
  );
}
