import { accept, approve, serves, waitsForPeople } from './release.ts';
import { environment, type Stage } from './stage.ts';

/** Production goes back to the release before, and forward again through the same gates. */
export async function thereAndBack(stage: Stage, number: number): Promise<void> {
  const { cast, path, timeline } = stage;
  const { client } = cast.rita;
  await client.post(`${path}/environments/production/rollback`, { reason: 'the demo shows the way back' });
  await timeline.until('production to go back', (status) => {
    const { running, active, waiting } = environment(status, 'production');
    const isBack = running !== null && running.release.number !== number && running.verdict === 'PASS';
    return active === null && waiting.length === 0 && isBack ? true : undefined;
  });
  await client.post(`${path}/promotions`, { release: String(number), environment: 'production' });
  await waitsForPeople(stage, number);
  await accept(stage, number);
  await approve(stage, number, 'it was not the release');
  await serves(stage, number);
}
