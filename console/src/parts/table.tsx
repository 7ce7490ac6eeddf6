import type { CSSProperties, ReactNode } from 'react';

/** What stands above each column, for phones, where a row is a card and the name of its column stands before each value. */
export function columnNames(columns: readonly string[]): CSSProperties {
  return Object.fromEntries(columns.map((column, index) => [`--column-${index + 1}`, JSON.stringify(column)]));
}

/** A table that scrolls by itself where the window is too narrow, also by keyboard. */
export function Table({
  label,
  columns,
  children,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}) {
  return (
    <div className="scroll" role="region" aria-label={`Table: ${label}`} tabIndex={0}>
      <table style={columnNames(columns)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
