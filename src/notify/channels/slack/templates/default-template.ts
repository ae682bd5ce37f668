import type { MessageTemplate } from '../rendered-message.ts'
import { defaultNews } from './default-news.ts'
import { defaultRoot } from './default-root.ts'
import { voiceOf } from './message-voice.ts'
import type { TemplateOptions } from './template-options.ts'

/**
 * Roots that are always true and short news under them. Where there are no threads, whatever is no first message is
 * news that says by itself of what it is. Throws on a time zone that does not exist.
 */
export function defaultTemplate(options: TemplateOptions): MessageTemplate {
  const voice = voiceOf(options)
  return (message, use = {}) => {
    const isNews =
      use.standsAlone === true ? message.purpose !== 'firing' : message.thread !== null && use.isEdit !== true
    const rendered = isNews ? defaultNews(message, voice, use) : defaultRoot(message, voice, use)
    return { ...rendered, mentions: use.isEdit === true ? [] : message.mentions }
  }
}
