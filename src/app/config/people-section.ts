import * as z from 'zod'
import { ROLES } from '../../domain/person.ts'
import { setting } from './setting.ts'

/** Somebody who may act on incidents from chat. */
export const PERSON = z.strictObject({
  name: setting(z.string().min(1).max(100), {
    about: 'The name that others read.',
    examples: ['Minji Kim'],
    remedy: 'Write 1 to 100 characters.',
  }),
  email: setting(z.string().regex(/^[^\s@]{1,64}@[^\s@]{1,180}$/), {
    about: 'Unique. Ties the chat account to the person: it must be the e-mail of the account.',
    examples: ['minji@example.com'],
    remedy: 'Write an e-mail address.',
  }),
  role: setting(z.enum(ROLES).prefault('responder'), {
    about: 'What the person may do: `viewer` reads, `responder` also acts on incidents, `admin` does everything.',
  }),
})
