// What can be wrong with a file of history, or with what is to become one.

import { CodedError } from '@ampledger/kernel';

export type HistoryErrorCode =
  | 'NOT_A_HISTORY' // some other file
  | 'TOO_NEW' // a later release wrote it
  | 'CUT' // its end is missing
  | 'DAMAGED' // what is there fails its checksum; the message says where
  | 'INVALID'; // an event that no history can keep

export class HistoryError extends CodedError<HistoryErrorCode> {
  constructor(code: HistoryErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.name = 'HistoryError';
  }
}
