import type { Severity } from '../../../domain/severity.ts'
import type { MessagePurpose } from '../../channel.ts'

/** How a message looks from afar. */
export interface MessageStyle {
  readonly icon: string
  /** Of the bar beside the message. */
  readonly color: string
}

/** Icons and colours of system 2, which people know by heart. */
const SEVERITY_STYLES: Readonly<Record<Severity, MessageStyle>> = {
  critical: { icon: '🚨', color: '#E01E5A' },
  error: { icon: '❌', color: '#E01E5A' },
  warning: { icon: '⚠️', color: '#ECB22E' },
  info: { icon: 'ℹ️', color: '#2EB67D' },
  debug: { icon: '🐛', color: '#36C5F0' },
  success: { icon: '✅', color: '#2EB67D' },
}

const PURPOSE_ICONS: Readonly<Partial<Record<MessagePurpose, string>>> = {
  'fired-again': '🔁',
  flapping: '⚡',
  acknowledged: '👀',
  'severity-raised': '🔺',
  escalated: '📣',
  note: '📝',
}

/** The look of a message: good news is green whatever it ends, everything else has the colour of its severity. */
export function styleOf(purpose: MessagePurpose, severity: Severity): MessageStyle {
  if (purpose === 'resolved') return SEVERITY_STYLES.success
  const style = SEVERITY_STYLES[severity]
  return { ...style, icon: PURPOSE_ICONS[purpose] ?? style.icon }
}
