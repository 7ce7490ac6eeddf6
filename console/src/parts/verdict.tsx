import type { EvidenceView } from '../../../src/api/contract/evidence.ts';
import { State, type Tone } from './state.tsx';

const tones: Readonly<Record<EvidenceView['verdict'], Tone>> = { PASS: 'good', FAIL: 'bad', INCONCLUSIVE: 'wait' };

export function Verdict({ verdict }: { readonly verdict: EvidenceView['verdict'] }) {
  return <State tone={tones[verdict]} word={verdict} />;
}
