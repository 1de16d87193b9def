// Counts a vitest report: prints `<passed> <failed>`. A test file that could not run counts as failed.

import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const unrun = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
);
process.stdout.write(`${report.numPassedTests} ${report.numFailedTests + unrun.length}\n`);
