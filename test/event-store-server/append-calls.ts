// Append and BatchAppend. A batch's answers carry the correlation id that it came with, and come in the
// order in which the appends are done.

import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { type Admission, tooLarge } from './admission.js';
import {
  APPEND_BYTES_MAX,
  type AppendOutcome,
  type Expected,
  type History,
  type Proposed,
} from './history.js';
import { expectedOf, identifierOf, nameOf, proposedOf } from './messages.js';
import type { AppendReq, AppendResp, BatchAppendReq, BatchAppendResp } from './protocol.js';
import { sharedPb, statusPb, streamsPb } from './protocol.js';

const ABORTED = 10;
const UNAVAILABLE = 14;

export function createAppendCalls(history: History, admission: Admission) {
  return {
    append(call: ServerReadableStream<AppendReq, AppendResp>, respond: sendUnaryData<AppendResp>): void {
      const refusal = admission.refusal(call.metadata);
      if (refusal) return respond(refusal);
      let stream = '';
      let expected: Expected = 'any';
      const proposed: Proposed[] = [];
      call.on('data', (request: AppendReq) => {
        const options = request.getOptions();
        const message = request.getProposedMessage();
        if (message) proposed.push(proposedOf(message));
        if (!options) return;
        stream = nameOf(options.getStreamIdentifier());
        expected = expectedOf(options, () => options.getRevision());
      });
      call.on('end', () => {
        history.append(stream, expected, proposed).then(
          (outcome) => respondSingle(outcome, expected, respond),
          (error: unknown) => respond({ code: status.UNAVAILABLE, details: String(error) }),
        );
      });
      call.on('error', () => undefined);
    },

    batchAppend(call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
      const refusal = admission.refusal(call.metadata);
      if (refusal) {
        call.emit('error', refusal);
        return;
      }
      const begun = new Map<string, Proposed[]>();
      const options = new Map<string, BatchAppendReq.Options>();
      call.on('data', (request: BatchAppendReq) => {
        const key = Buffer.from(request.getCorrelationId()?.serializeBinary() ?? []).toString('latin1');
        const proposed = begun.get(key) ?? [];
        begun.set(key, proposed);
        for (const message of request.getProposedMessagesList()) proposed.push(proposedOf(message));
        const given = request.getOptions() ?? options.get(key);
        if (given) options.set(key, given);
        if (!request.getIsFinal() || !given) return;
        begun.delete(key);
        options.delete(key);
        const stream = nameOf(given.getStreamIdentifier());
        const expected = expectedOf(given, () => given.getStreamPosition());
        const answer = (response: BatchAppendResp): void => {
          response.setCorrelationId(request.getCorrelationId());
          response.setStreamIdentifier(identifierOf(stream));
          if (!call.cancelled && !call.destroyed) call.write(response);
        };
        history.append(stream, expected, proposed).then(
          (outcome) => answer(batchResponse(outcome, expected)),
          (error: unknown) => answer(failed(UNAVAILABLE, String(error), 'Unknown', new sharedPb.Unknown())),
        );
      });
      call.on('end', () => call.end());
      call.on('error', () => undefined);
    },
  };
}

function respondSingle(outcome: AppendOutcome, expected: Expected, respond: sendUnaryData<AppendResp>): void {
  if (outcome.kind === 'too-large') {
    return respond(tooLarge(APPEND_BYTES_MAX));
  }
  const response = new streamsPb.AppendResp();
  if (outcome.kind === 'wrong') {
    const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
    if (outcome.actual >= 0) wrong.setCurrentRevision(String(outcome.actual));
    else wrong.setCurrentNoStream(new sharedPb.Empty());
    if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
    else if (expected === 'none') wrong.setExpectedNoStream(new sharedPb.Empty());
    else wrong.setExpectedStreamExists(new sharedPb.Empty());
    response.setWrongExpectedVersion(wrong);
  } else {
    const success = new streamsPb.AppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    if (outcome.commit === undefined) success.setNoPosition(new sharedPb.Empty());
    else {
      const position = new streamsPb.AppendResp.Position();
      position.setCommitPosition(String(outcome.commit));
      position.setPreparePosition(String(outcome.commit));
      success.setPosition(position);
    }
    response.setSuccess(success);
  }
  respond(null, response);
}

function batchResponse(outcome: AppendOutcome, expected: Expected): BatchAppendResp {
  if (outcome.kind === 'too-large') {
    const details = new sharedPb.MaximumAppendSizeExceeded();
    details.setMaxappendsize(APPEND_BYTES_MAX);
    return failed(ABORTED, 'Maximum append size exceeded', 'MaximumAppendSizeExceeded', details);
  }
  if (outcome.kind === 'wrong') {
    return failed(
      ABORTED,
      'Wrong expected version',
      'WrongExpectedVersion',
      wrongVersion(outcome.actual, expected),
    );
  }
  const success = new streamsPb.BatchAppendResp.Success();
  success.setCurrentRevision(String(outcome.revision));
  if (outcome.commit === undefined) success.setNoPosition(new emptyPb.Empty());
  else {
    const position = new sharedPb.AllStreamPosition();
    position.setCommitPosition(String(outcome.commit));
    position.setPreparePosition(String(outcome.commit));
    success.setPosition(position);
  }
  const response = new streamsPb.BatchAppendResp();
  response.setSuccess(success);
  return response;
}

function wrongVersion(
  actual: number,
  expected: Expected,
): InstanceType<typeof sharedPb.WrongExpectedVersion> {
  const wrong = new sharedPb.WrongExpectedVersion();
  if (actual >= 0) wrong.setCurrentStreamRevision(String(actual));
  else wrong.setCurrentNoStream(new emptyPb.Empty());
  if (typeof expected === 'number') wrong.setExpectedStreamPosition(String(expected));
  else if (expected === 'none') wrong.setExpectedNoStream(new emptyPb.Empty());
  else wrong.setExpectedStreamExists(new emptyPb.Empty());
  return wrong;
}

/** An error of one append among others: a google.rpc.Status whose details say what it is. */
function failed(
  code: number,
  message: string,
  type: string,
  details: { serializeBinary(): Uint8Array },
): BatchAppendResp {
  const any = new anyPb.Any();
  any.pack(details.serializeBinary(), `event_store.client.${type}`);
  const error = new statusPb.Status();
  error.setCode(code);
  error.setMessage(message);
  error.setDetails(any);
  const response = new streamsPb.BatchAppendResp();
  response.setError(error);
  return response;
}
