/** By hand: `node --test --test-global-setup=test/global-setup.ts test/scenarios/rolling-leaders-long.ts`. */
import { tryRolling } from './rolling-leaders.ts';

tryRolling('nginx');
tryRolling('caddy');
