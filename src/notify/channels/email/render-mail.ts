import type { Severity } from '../../../domain/severity.ts'
import type { MailContent } from './mail-content.ts'

/** The colour of the bar beside a mail. Text has none, so that each reader shows it light or dark as it likes. */
const BAR_COLORS: Readonly<Record<Severity, string>> = {
  critical: '#d92d20',
  error: '#d92d20',
  warning: '#dc8a00',
  info: '#2e7de0',
  debug: '#7a7f87',
  success: '#1f9d55',
}

/** The mail for readers without HTML. What senders wrote is indented, so that it cannot pass for a line of ours. */
export function mailText(content: MailContent): string {
  const blocks = [
    `${content.headline}\n${content.title}`,
    content.facts.map(({ name, text }) => `${name}: ${text}`).join('\n'),
    ...content.paragraphs.map((text) => text.replace(/^/gm, '  ')),
    content.links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
    `-- \n${content.footer}`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

/** The mail as HTML: no script, no picture, no address that is fetched; every text escaped. */
export function mailHtml(content: MailContent): string {
  const color = BAR_COLORS[content.isGoodNews ? 'success' : content.severity]
  const facts = content.facts.map(
    ({ name, text }) =>
      `<tr><th align="left" style="padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap">${escapeHtml(name)}</th>` +
      `<td style="padding:2px 0;overflow-wrap:anywhere">${escapeHtml(text)}</td></tr>`,
  )
  const paragraphs = content.paragraphs.map(
    (text) => `<p style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(text)}</p>`,
  )
  const links = content.links.map(
    ({ label, url, host }) =>
      `<li><a href="${escapeHtml(url)}" rel="noopener noreferrer">${escapeHtml(label)}</a> (${escapeHtml(host)})</li>`,
  )
  return [
    `<!doctype html><html lang="${content.language}"><head><meta charset="utf-8">`,
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(content.subject)}</title></head>`,
    "<body style=\"margin:0;padding:16px;font:15px/1.5 -apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',sans-serif\">",
    `<div style="max-width:640px;border-left:4px solid ${color};padding-left:16px">`,
    `<p style="margin:0"><strong>${escapeHtml(content.headline)}</strong></p>`,
    `<h1 style="margin:4px 0 12px;font-size:20px;overflow-wrap:anywhere">${escapeHtml(content.title)}</h1>`,
    `<table role="presentation" cellpadding="0" cellspacing="0">${facts.join('')}</table>`,
    ...paragraphs,
    links.length === 0 ? '' : `<ul style="padding-left:20px">${links.join('')}</ul>`,
    `</div><p style="font-size:13px;opacity:.7">${escapeHtml(content.footer)}</p></body></html>`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text and attribute values alike. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
