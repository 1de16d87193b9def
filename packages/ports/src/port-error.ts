import { CodedError } from '@ampledger/kernel';

/** Why a port failed. `canRetry` says whether the same call may succeed later. */
export type PortErrorCode =
  | 'CLOSED' // the adapter was closed
  | 'UNAVAILABLE' // the server cannot be reached or did not answer in time
  | 'FULL' // no space, or a bound was reached
  | 'IO' // the disk refused; the process should end and restart
  | 'CORRUPT' // what is stored is damaged; the message says where and what to do
  | 'INVALID'; // the caller broke the port's contract

export class PortError extends CodedError<PortErrorCode> {
  constructor(code: PortErrorCode, message: string, cause?: unknown) {
    super(code, message, { canRetry: code === 'UNAVAILABLE' || code === 'FULL', cause });
    this.name = 'PortError';
  }
}
