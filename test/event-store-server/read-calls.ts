// Read: a stream or everything, counted or as a subscription that first catches up and then stays.

import { randomUUID } from 'node:crypto';
import type { Bus, Subscription } from '@ampledger/ports';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { Admission } from './admission.js';
import { commitOf, type History, positionBefore, type Stored, storedOf } from './history.js';
import { eventMessage, type Filter, filterOf, identifierOf, nameOf } from './messages.js';
import type { ReadReq, ReadResp } from './protocol.js';
import { streamsPb } from './protocol.js';

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

export function createReadCalls(history: History, bus: Bus, admission: Admission) {
  return {
    read(call: ReadCall): void {
      const refusal = admission.refusal(call.metadata);
      const options = call.request.getOptions();
      if (refusal || !options) {
        call.emit('error', refusal ?? { code: status.INVALID_ARGUMENT, details: 'No options' });
        return;
      }
      call.on('error', () => undefined);
      answer(call, options).catch((error: unknown) => {
        if (!call.cancelled) call.emit('error', { code: status.UNAVAILABLE, details: String(error) });
      });
    },
  };

  async function answer(call: ReadCall, options: ReadReq.Options): Promise<void> {
    if (options.hasSubscription()) {
      confirm(call);
      return options.hasAll() ? subscribeToAll(call, options) : subscribeToStream(call, options);
    }
    const count = Number(options.getCount());
    await (options.hasAll() ? readAll(call, options, count) : readStream(call, options, count));
    call.end();
  }

  async function readStream(call: ReadCall, options: ReadReq.Options, count: number): Promise<void> {
    const wanted = options.getStream();
    const stream = nameOf(wanted?.getStreamIdentifier());
    const direction = directionOf(options);
    if (direction === 'forwards' && wanted?.hasEnd()) return;
    const from = wanted?.hasRevision() ? Number(wanted.getRevision()) : undefined;
    const pages = await history.readStream(stream, {
      direction,
      count,
      ...(from === undefined ? {} : { from }),
    });
    if (!pages) {
      const missing = new streamsPb.ReadResp.StreamNotFound();
      missing.setStreamIdentifier(identifierOf(stream));
      const response = new streamsPb.ReadResp();
      response.setStreamNotFound(missing);
      await send(call, response);
      return;
    }
    for await (const page of pages) if (!(await sendEvents(call, page))) return;
  }

  async function readAll(call: ReadCall, options: ReadReq.Options, count: number): Promise<void> {
    const all = options.getAll();
    const direction = directionOf(options);
    if (all?.hasEnd() && direction === 'forwards') return;
    const filter = filterOf(options);
    const before = positionBefore(Number(all?.getPosition()?.getCommitPosition() ?? 0));
    const after = direction === 'forwards' ? before : before + 1;
    let left = count;
    const pages = history.readAll({
      direction,
      ...(all?.hasPosition() ? { after } : {}),
      ...(filter?.streamPrefix === undefined ? {} : { streamPrefix: filter.streamPrefix }),
    });
    for await (const page of pages) {
      const events = (filter ? page.filter((event) => filter.isWanted(event)) : page).slice(0, left);
      left -= events.length;
      if (!(await sendEvents(call, events)) || left <= 0) return;
    }
  }

  async function subscribeToAll(call: ReadCall, options: ReadReq.Options): Promise<void> {
    const filter = filterOf(options);
    const all = options.getAll();
    const end = await history.lastPosition();
    // A subscription begins after its position.
    const given = positionBefore(Number(all?.getPosition()?.getCommitPosition() ?? 0)) + 1;
    const start = all?.hasEnd() ? end : all?.hasPosition() ? given : 0;
    const prefix = filter?.streamPrefix;
    const pages = history.readAll({
      direction: 'forwards',
      after: start,
      ...(prefix === undefined ? {} : { streamPrefix: prefix }),
    });
    let position = start;
    for await (const page of pages) {
      const events = filter ? page.filter((event) => filter.isWanted(event)) : page;
      if (!(await sendEvents(call, events))) return;
      position = positionBefore((page.at(-1)?.commit ?? 0) + 1);
    }
    follow(call, Math.max(position, end), filter);
  }

  /** From here on as it happens. */
  function follow(call: ReadCall, after: number, filter: Filter | undefined): void {
    let unseen = 0;
    const subscription = bus.subscribe({ after }, async (batch) => {
      const events = batch.map(storedOf);
      const wanted = filter ? events.filter((event) => filter.isWanted(event)) : events;
      await sendEvents(call, wanted);
      unseen = wanted.length > 0 ? 0 : unseen + events.length;
      if (!filter || unseen < filter.checkpointEvents) return;
      unseen = 0;
      await send(call, checkpoint(events.at(-1)?.commit ?? 0));
    });
    whileSubscribed(call, subscription, async () => {
      if (filter) await send(call, checkpoint(commitOf(await history.lastPosition())));
      await send(call, caughtUp());
    });
  }

  async function subscribeToStream(call: ReadCall, options: ReadReq.Options): Promise<void> {
    const wanted = options.getStream();
    const stream = nameOf(wanted?.getStreamIdentifier());
    const end = await history.lastPosition();
    let next = wanted?.hasRevision() ? Number(wanted.getRevision()) + 1 : 0;
    if (!wanted?.hasEnd()) {
      const range = { direction: 'forwards', count: Number.MAX_SAFE_INTEGER, from: next } as const;
      for await (const page of (await history.readStream(stream, range)) ?? []) {
        if (!(await sendEvents(call, page))) return;
        next = (page.at(-1)?.revision ?? next - 1) + 1;
      }
    }
    const subscription = bus.subscribe({ after: end }, async (batch) => {
      const events = batch.map(storedOf).filter((event) => event.stream === stream && event.revision >= next);
      await sendEvents(call, events);
    });
    whileSubscribed(call, subscription, () => send(call, caughtUp()));
  }
}

const directionOf = (options: ReadReq.Options): 'forwards' | 'backwards' =>
  options.getReadDirection() === 0 ? 'forwards' : 'backwards';

function confirm(call: ReadCall): void {
  const confirmation = new streamsPb.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(randomUUID());
  const response = new streamsPb.ReadResp();
  response.setConfirmation(confirmation);
  call.write(response);
}

function checkpoint(commit: number): ReadResp {
  const message = new streamsPb.ReadResp.Checkpoint();
  message.setCommitPosition(String(commit));
  message.setPreparePosition(String(commit));
  const response = new streamsPb.ReadResp();
  response.setCheckpoint(message);
  return response;
}

function caughtUp(): ReadResp {
  const response = new streamsPb.ReadResp();
  response.setCaughtUp(new streamsPb.ReadResp.CaughtUp());
  return response;
}

function whileSubscribed(
  call: ReadCall,
  subscription: Subscription,
  onCaughtUp: () => Promise<unknown>,
): void {
  subscription.caughtUp.then(onCaughtUp).catch(() => undefined);
  subscription.failed.catch((error: unknown) => {
    call.emit('error', { code: status.UNAVAILABLE, details: String(error) });
  });
  const close = (): void => {
    subscription.close().catch(() => undefined);
  };
  if (call.cancelled) close();
  else call.once('cancelled', close);
}

/** False when nobody listens any more. */
async function sendEvents(call: ReadCall, events: readonly Stored[]): Promise<boolean> {
  for (const event of events) if (!(await send(call, eventMessage(event)))) return false;
  return true;
}

async function send(call: ReadCall, response: ReadResp): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(response)) return true;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('cancelled', done);
      call.off('close', done);
      resolve();
    };
    call.once('drain', done);
    call.once('cancelled', done);
    call.once('close', done);
  });
  return !call.cancelled;
}
