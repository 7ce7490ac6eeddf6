import { containerFaults } from './containers-faults.ts';

containerFaults('SIGTERM');
