// `ampledger ingress | recorder | optimizer | command | api`: the services, one process each.

import {
  apiSettings,
  commandSettings,
  ingressSettings,
  optimizerSettings,
  recorderSettings,
} from '@ampledger/process';
import { processCommand } from '../processes/shell.js';

export const ingressCommand = processCommand(
  async () => (await import('../processes/ingress-process.js')).ingressProcess,
  ingressSettings,
);
export const recorderCommand = processCommand(
  async () => (await import('../processes/recorder-process.js')).recorderProcess,
  recorderSettings,
);
export const optimizerCommand = processCommand(
  async () => (await import('../processes/deciding.js')).optimizerProcess,
  optimizerSettings,
);
export const commandCommand = processCommand(
  async () => (await import('../processes/deciding.js')).commandProcess,
  commandSettings,
);
export const apiCommand = processCommand(
  async () => (await import('../processes/api-process.js')).apiProcess,
  apiSettings,
);
