import type { Reversibility, Severity } from '../../shared/finding.ts';
import { useSpeech } from '../state/window.tsx';
import type { TextKey } from '../i18n/i18n.ts';
import type { SeverityIcon } from './Icon.tsx';

export type Tone = 'error' | 'warn' | 'info' | 'ok' | 'neutral';

/** A word on a coloured ground. */
export function Badge(props: { readonly tone: Tone; readonly children: string }) {
  return <span className={`badge ${props.tone}`}>{props.children}</span>;
}

const severities: Readonly<Record<Severity, { tone: Tone; word: TextKey; icon: SeverityIcon }>> = {
  error: { tone: 'error', word: 'severity.error', icon: 'problem' },
  warning: { tone: 'warn', word: 'severity.warning', icon: 'warning' },
  info: { tone: 'info', word: 'severity.info', icon: 'info' },
};

/** The icon's shape for a severity. */
export function severityIcon(severity: Severity): SeverityIcon {
  return severities[severity].icon;
}

/** The word for a severity. */
export function severityWord(severity: Severity): TextKey {
  return severities[severity].word;
}

export function SeverityBadge(props: { readonly severity: Severity }) {
  const { text } = useSpeech();
  const { tone, word } = severities[props.severity];
  return <Badge tone={tone}>{text(word)}</Badge>;
}

const reversibilities: Readonly<Record<Reversibility, { tone: Tone; word: TextKey }>> = {
  full: { tone: 'ok', word: 'reversibility.full' },
  partial: { tone: 'warn', word: 'reversibility.partial' },
  none: { tone: 'error', word: 'reversibility.none' },
};

export function ReversibilityBadge(props: { readonly reversibility: Reversibility }) {
  const { text } = useSpeech();
  const { tone, word } = reversibilities[props.reversibility];
  return <Badge tone={tone}>{text(word)}</Badge>;
}
