/** By hand, as root: `node --test --test-global-setup=test/global-setup.ts test/scenarios/containers-faults-long.ts`. */
import { containerFaults } from './containers-faults.ts';

containerFaults('SIGKILL');
