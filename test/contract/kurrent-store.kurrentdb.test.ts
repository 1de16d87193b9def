import { kurrentContracts } from './kurrent-suites.js';

kurrentContracts('kurrentdb');
