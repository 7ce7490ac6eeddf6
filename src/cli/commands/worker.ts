import type { Act } from '../invocation.ts';
import { homeOfMany, launch, untilTold } from '../server-process.ts';

export const act: Act = async (invocation) => {
  const { output } = invocation;
  const homeDirectory = homeOfMany(invocation);
  const controlPlane = await launch(invocation, { homeDirectory, roles: { serve: false, work: true } });
  output.answer({ home: homeDirectory }, () => `working; state in ${homeDirectory}`);
  return untilTold(invocation, controlPlane, 'stopped; services that were deployed go on serving');
};
