import { useBench } from './kurrent-bench.js';
import { kurrentFaults } from './kurrent-faults.js';
import { kurrentRules } from './kurrent-rules.js';

const bench = useBench();
kurrentFaults('kurrentdb', bench);
kurrentRules('kurrentdb', bench);
