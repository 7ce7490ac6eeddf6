/** Who could approve, and what whoever asks for a release should know before he does. */
import type { ApproversView } from '../../api/contract/explanations.ts';

/** No lines where no approval is missing. */
export function approversText(approvers: ApproversView): readonly string[] {
  if (approvers === null) return [];
  const { separation, could, short, you, unknownAuthors } = approvers;
  const people = could.map(({ handle, roles }) => `${handle} (${roles.join(', ')})`).join(', ');
  return [
    people === '' ? 'could approve: nobody else who has the role and had no hand in it' : `could approve: ${people}`,
    ...(short === 0
      ? []
      : [
          ...(people === '' ? [] : [`that is ${short} too few`]),
          '→ liftlock person add and liftlock grant add let somebody in; liftlock access matrix tells which roles may approve',
        ]),
    ...(you === null ? [] : [you.because]),
    ...(separation === 'none'
      ? ['trust.separation is none: authors may approve, and are told as not independent']
      : []),
    ...(unknownAuthors.length === 0 ? [] : [`authors whom nobody here knows: ${unknownAuthors.join(', ')}`]),
  ];
}
