// The rules of a what-if: the recorded site file over time, or another, with what is to be different.

import type { EnvelopeData, NodeConfig, Policy, SiteConfig } from '@ampledger/domain';
import { topologyOf } from '@ampledger/domain';
import type { ConnectorKey, NodeId, PerPhase, SiteId } from '@ampledger/kernel';
import type { RecordedSession, RulesFrom } from './recording.js';
import type { Rules } from './simulate-sessions.js';

export interface RuleChanges {
  /** Instead of the recorded site file. */
  readonly site: SiteConfig | null;
  readonly policy: Policy | null;
  /** Of the limits of the grid connection. */
  readonly scaleLimit: number | null;
}

export interface EnvelopeWish {
  readonly node: string;
  readonly limitA: PerPhase | null;
  readonly limitW: number | null;
  readonly from: number | null;
  readonly to: number | null;
}

/** `recorded` has at least one entry, as every recording has. */
export function rulesOf(recorded: readonly RulesFrom[], changes: RuleChanges): Rules {
  const [first, ...later] = recorded;
  if (first === undefined) throw new Error('a recording has rules from its beginning on');
  const changed = ({ from, config }: RulesFrom): RulesFrom => ({
    from,
    config: withChanges(config, changes),
  });
  if (changes.site !== null) return [changed({ from: first.from, config: changes.site })];
  return [changed(first), ...later.map(changed)];
}

function withChanges(config: SiteConfig, { policy, scaleLimit }: RuleChanges): SiteConfig {
  if (policy === null && scaleLimit === null) return config;
  const [root, ...below] = config.nodes;
  const nodes =
    root === undefined || scaleLimit === null ? config.nodes : [scaled(root, scaleLimit), ...below];
  return { ...config, policy: policy ?? config.policy, nodes };
}

function scaled(node: NodeConfig, factor: number): NodeConfig {
  const amperes = (limitA: PerPhase | null): PerPhase | null =>
    limitA === null ? null : [limitA[0] * factor, limitA[1] * factor, limitA[2] * factor];
  const { limitA, limitW, transformer } = node;
  return {
    ...node,
    limitA: amperes(limitA),
    limitW: limitW === null ? null : limitW * factor,
    transformer: transformer && {
      ...transformer,
      secondaryA: amperes(transformer.secondaryA),
      primaryA: amperes(transformer.primaryA),
    },
  };
}

/** Connectors that had sessions and that the site file does not have. */
export function missingConnectors(
  sessions: readonly RecordedSession[],
  config: SiteConfig,
): readonly ConnectorKey[] {
  const { byKey } = topologyOf(config);
  const missing = sessions.map(({ connector }) => connector).filter((key) => !byKey.has(key));
  return [...new Set(missing)].sort();
}

/** One source each, so that none takes the place of another, or of a recorded one. */
export const envelopesOf = (
  wishes: readonly EnvelopeWish[],
  site: SiteId,
  at: number,
): readonly EnvelopeData[] =>
  wishes.map(({ node, limitA, limitW, from, to }, i) => ({
    site,
    source: i === 0 ? 'what-if' : `what-if-${i + 1}`,
    node: node as NodeId,
    ...{ limitA, limitW, from, to },
    ...{ fallback: null, silenceS: null, heardAt: at },
  }));
