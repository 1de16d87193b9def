// The broker that the test files share: started before the first of them, gone after the last.

import type { TestProject } from 'vitest/node';
import { startBroker } from './broker.js';

declare module 'vitest' {
  export interface ProvidedContext {
    bootstrap: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startBroker();
  project.provide('bootstrap', broker.bootstrap);
  return () => broker.stop();
}
