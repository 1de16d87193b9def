// The cap: a lower limit for the site or one node, now, for a while or until it is removed.

import type { NodeView, SiteView } from '@ampledger/domain';
import { useState } from 'preact/hooks';
import { type CapForm, capOn, capTop, capUnits, checkCap } from '../model/cap.js';
import { chartUntil, type PageState } from '../model/state.js';
import { branchesOf } from '../model/tree.js';
import { figure, nodeName } from '../words/format.js';
import { Envelopes } from './envelopes.js';
import type { Actions } from './use-page.js';

interface CapPanelProps {
  readonly state: PageState;
  readonly view: SiteView;
  readonly node: NodeView;
  readonly actions: Actions;
}

const SPANS: readonly (readonly [string, number | null])[] = [
  ['until removed', null],
  ['for 5 minutes', 5],
  ['for 15 minutes', 15],
  ['for 1 hour', 60],
  ['for 4 hours', 240],
];

export function CapPanel({ state, view, node, actions }: CapPanelProps) {
  const [unit] = capUnits(node);
  const highestA = Math.max(0, ...(node.ratingA ?? []));
  const [form, setForm] = useState<CapForm>({
    unit,
    value: figure(capTop(node, unit, view, highestA) / 2),
    minutes: null,
  });
  const [task, run] = useTask();
  const top = capTop(node, form.unit, view, highestA);
  const check = checkCap(form, node.id, chartUntil(state));
  const frozen = state.moment !== null;
  const there = capOn(view, node.id) !== undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (check.ok) run(() => actions.setCap(check.cap));
  };
  return (
    <section class="panel area-cap" aria-labelledby="cap-title">
      <h2 id="cap-title">Cap {node.parent === null ? 'this site' : nodeName(node)}</h2>
      <form class="cap" onSubmit={submit}>
        <CapPlace view={view} node={node} onNode={(chosen) => actions.select({ node: chosen })} />
        <CapValue form={form} top={top} wiring={view.wiring} onForm={setForm} />
        <CapSpan form={form} onForm={setForm} />
        <div class="cap-buttons">
          <button type="submit" class="strong" disabled={frozen || task.busy || !check.ok}>
            {there ? 'Change cap' : 'Apply cap'}
          </button>
          <button
            type="button"
            disabled={frozen || task.busy || !there}
            onClick={() => run(() => actions.removeCap(node.id))}
          >
            Remove
          </button>
        </div>
        <p class="cap-words" role="status">
          {task.error ? (
            <span class="over">{task.error}</span>
          ) : frozen ? (
            'The past cannot be capped.'
          ) : check.ok ? (
            ''
          ) : (
            check.why
          )}
        </p>
      </form>
      <Envelopes
        view={view}
        disabled={frozen || task.busy}
        onRemove={(capped) => run(() => actions.removeCap(capped))}
      />
    </section>
  );
}

/** One request at a time; its refusal is shown until the next. */
function useTask(): readonly [
  { readonly busy: boolean; readonly error: string | null },
  (task: () => Promise<void>) => void,
] {
  const [task, setTask] = useState<{ busy: boolean; error: string | null }>({ busy: false, error: null });
  const run = (work: () => Promise<void>): void => {
    setTask({ busy: true, error: null });
    work().then(
      () => setTask({ busy: false, error: null }),
      (error: unknown) =>
        setTask({ busy: false, error: error instanceof Error ? error.message : String(error) }),
    );
  };
  return [task, run];
}

interface FormProps {
  readonly form: CapForm;
  readonly onForm: (form: CapForm) => void;
}

interface CapValueProps extends FormProps {
  readonly top: number;
  readonly wiring: SiteView['wiring'];
}

function CapValue({ form, top, wiring, onForm }: CapValueProps) {
  const setValue = (event: { readonly currentTarget: HTMLInputElement }): void =>
    onForm({ ...form, value: event.currentTarget.value });
  return (
    <div class="cap-value">
      <input
        type="range"
        min="0"
        max={top}
        step="1"
        value={form.value}
        aria-label={`Cap in ${form.unit}`}
        onInput={setValue}
      />
      <input
        type="text"
        inputMode="decimal"
        size={5}
        value={form.value}
        aria-label={`Cap in ${form.unit}`}
        onInput={setValue}
      />
      <select
        value={form.unit}
        aria-label="Unit"
        onChange={(event) => onForm({ ...form, unit: event.currentTarget.value === 'kW' ? 'kW' : 'A' })}
      >
        <option value="A">{wiring === 'delta' ? 'A per line' : 'A per phase'}</option>
        <option value="kW">kW</option>
      </select>
    </div>
  );
}

interface CapPlaceProps {
  readonly view: SiteView;
  readonly node: NodeView;
  readonly onNode: (node: NodeView['id']) => void;
}

function CapPlace({ view, node, onNode }: CapPlaceProps) {
  if (view.nodes.length < 2) return null;
  const choose = (id: string): void => {
    const chosen = view.nodes.find((candidate) => candidate.id === id);
    if (chosen) onNode(chosen.id);
  };
  return (
    <select aria-label="Where" value={node.id} onChange={(event) => choose(event.currentTarget.value)}>
      {branchesOf(view).map(({ node: each, depth }) => (
        <option key={each.id} value={each.id}>
          {`${'\u2003'.repeat(depth)}${nodeName(each)}`}
        </option>
      ))}
    </select>
  );
}

function CapSpan({ form, onForm }: FormProps) {
  return (
    <select
      class="cap-span"
      aria-label="How long"
      value={form.minutes ?? ''}
      onChange={({ currentTarget: { value } }) =>
        onForm({ ...form, minutes: value === '' ? null : Number(value) })
      }
    >
      {SPANS.map(([words, minutes]) => (
        <option key={words} value={minutes ?? ''}>
          {words}
        </option>
      ))}
    </select>
  );
}
