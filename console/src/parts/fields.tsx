/** What an action asks for beside a reason. */
import { useId } from 'react';
import type { Field, Given } from './action.ts';

type Change = (value: string) => void;

export function filledIn(fields: readonly Field[] = []): Given {
  return Object.fromEntries(fields.map(({ name, is, begins, choices }) => [name, begins ?? firstOf(is, choices)]));
}

/** A choice has always made one. */
function firstOf(is: Field['is'], choices: Field['choices']): string {
  return is === 'choice' ? (choices?.[0] ?? '') : '';
}

export function Fields({
  fields,
  given,
  onChange,
}: {
  readonly fields: readonly Field[];
  readonly given: Given;
  readonly onChange: (given: Given) => void;
}) {
  return (
    <>
      {fields
        .filter(({ when }) => when?.(given) ?? true)
        .map((field) => (
          <One
            key={field.name}
            field={field}
            value={given[field.name] ?? ''}
            onChange={(value) => onChange({ ...given, [field.name]: value })}
          />
        ))}
    </>
  );
}

function One({ field, value, onChange }: { readonly field: Field; readonly value: string; readonly onChange: Change }) {
  const id = useId();
  const said = `${field.label}${field.needed === undefined && !/^(choice|yes)$/.test(field.is) ? ' (optional)' : ''}`;
  const hint = field.hint === undefined ? null : <span className="quiet small">{field.hint}</span>;
  if (field.is === 'several')
    return (
      <fieldset className="stack tight bare">
        <legend>{said}</legend>
        <Several choices={field.choices ?? []} value={value} onChange={onChange} />
        {hint}
      </fieldset>
    );
  if (field.is === 'yes')
    return (
      <div className="stack tight">
        <label className="row">
          <input
            type="checkbox"
            checked={value !== ''}
            required={field.needed === true}
            onChange={({ target }) => onChange(target.checked ? 'yes' : '')}
          />
          {said}
        </label>
        {hint}
      </div>
    );
  return (
    <label className="stack tight" htmlFor={id}>
      {said}
      <Control id={id} field={field} value={value} onChange={onChange} />
      {hint}
    </label>
  );
}

function Control({
  id,
  field,
  value,
  onChange,
}: {
  readonly id: string;
  readonly field: Field;
  readonly value: string;
  readonly onChange: Change;
}) {
  const common = { id, required: field.needed === true };
  switch (field.is) {
    case 'lines':
      return <textarea {...common} rows={8} value={value} onChange={({ target }) => onChange(target.value)} />;
    case 'choice':
      return (
        <select {...common} value={value} onChange={({ target }) => onChange(target.value)}>
          {(field.choices ?? []).map((choice) => (
            <option key={choice} value={choice}>
              {choice === '' ? '—' : choice}
            </option>
          ))}
        </select>
      );
    case 'time':
      return (
        <input
          {...common}
          type="datetime-local"
          value={localOf(value)}
          onChange={({ target }) => onChange(utcOf(target.value))}
        />
      );
    case 'file':
      return (
        <input
          {...common}
          type="file"
          onChange={({ target }) => void charactersOf(target.files?.[0]).then(onChange, () => onChange(''))}
        />
      );
    default:
      return (
        <input
          {...common}
          type={field.is === 'number' ? 'number' : 'text'}
          min={field.is === 'number' ? 1 : undefined}
          autoComplete="off"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      );
  }
}

function Several({
  choices,
  value,
  onChange,
}: {
  readonly choices: readonly string[];
  readonly value: string;
  readonly onChange: Change;
}) {
  const chosen = value === '' ? [] : value.split(',');
  const turn = (choice: string, isOn: boolean) =>
    onChange(choices.filter((one) => (one === choice ? isOn : chosen.includes(one))).join(','));
  return (
    <div className="row">
      {choices.map((choice) => (
        <label key={choice} className="row">
          <input
            type="checkbox"
            checked={chosen.includes(choice)}
            onChange={({ target }) => turn(choice, target.checked)}
          />
          {choice}
        </label>
      ))}
    </div>
  );
}

/** A character for each byte. */
async function charactersOf(file: File | undefined): Promise<string> {
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The control speaks in the reader's zone; everything else in UTC. */
function utcOf(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().replace(/:00\.000Z$/, 'Z');
}

function localOf(utc: string): string {
  if (utc === '') return '';
  const time = new Date(utc);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
