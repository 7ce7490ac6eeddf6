/** The same as typed in a terminal, to take along. */
import { Fragment, useState } from 'react';
import './act.css';

export function Command({ text }: { readonly text: string }) {
  return (
    <p className="command">
      <code>
        {/* A line ends between words, never behind the dashes of an option. */}
        {text.split(' ').map((word, index) => (
          <Fragment key={index}>
            {index === 0 ? '' : ' '}
            <span>{word}</span>
          </Fragment>
        ))}
      </code>
      <Copy text={text} label="Copy as command" />
    </p>
  );
}

export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <button type="button" className="small" onClick={() => void copy()}>
      {copied ? 'Copied' : label}
    </button>
  );
}
