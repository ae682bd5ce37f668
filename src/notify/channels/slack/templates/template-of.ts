import type { MessageTemplate } from '../rendered-message.ts'
import { cloudwatchTemplate } from './cloudwatch-template.ts'
import { defaultTemplate } from './default-template.ts'
import { DEFAULT_TEMPLATE_OPTIONS, type TemplateOptions } from './template-options.ts'
import { threaderTemplate } from './threader-template.ts'

/** The template that the options choose; what they leave out is as in `DEFAULT_TEMPLATE_OPTIONS`. Throws on a time zone that does not exist. */
export function templateOf(chosen: Partial<TemplateOptions> = {}): MessageTemplate {
  const options = { ...DEFAULT_TEMPLATE_OPTIONS, ...chosen }
  switch (options.preset) {
    case 'default':
      return defaultTemplate(options)
    case 'threader':
      return threaderTemplate(options)
    case 'cloudwatch-ko':
    case 'cloudwatch-en':
      return cloudwatchTemplate(options)
  }
}
