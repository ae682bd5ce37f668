/** Writes instants for people of one time zone. Null for times that no calendar has, such as the year 0001 of "not ended". */
export interface ZonedClock {
  /** `2024-01-15 14:30:25 UTC` */
  readonly moment: (ms: number | null) => string | null
  /** `14:30 UTC` on the day of `besides`, otherwise `2024-01-16 14:30 UTC`. */
  readonly minute: (ms: number | null, besides: number) => string | null
}

interface Reading {
  readonly date: string
  readonly time: string
}

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999

// English speakers of these countries have names for the zones around them; between them most zones have one.
const NAMING_LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA']

// `Intl` has no names for these.
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  UTC: 'UTC',
  'Etc/UTC': 'UTC',
  'Asia/Seoul': 'KST',
  'Asia/Tokyo': 'JST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Singapore': 'SGT',
}

/** The clock of a zone by its IANA name. Throws on one that does not exist: the configuration asks `isTimeZone` first. */
export function zonedClock(timeZone: string): ZonedClock {
  const read = readerOf(timeZone)
  const abbreviate = abbreviatorOf(timeZone)
  const isTime = (ms: number | null): ms is number => ms !== null && ms >= 0 && ms <= LAST_MS
  return {
    moment: (ms) => {
      if (!isTime(ms)) return null
      const { date, time } = read(ms)
      return `${date} ${time} ${abbreviate(ms)}`
    },
    minute: (ms, besides) => {
      if (!isTime(ms)) return null
      const { date, time } = read(ms)
      const day = isTime(besides) && read(besides).date === date ? '' : `${date} `
      return `${day}${time.slice(0, 5)} ${abbreviate(ms)}`
    },
  }
}

/** Whether a time zone of that name exists. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    // The only way to ask: `Intl.supportedValuesOf` leaves out the older names.
    return false
  }
}

function readerOf(timeZone: string): (ms: number) => Reading {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]))
    return {
      date: `${part['year']}-${part['month']}-${part['day']}`,
      time: `${part['hour']}:${part['minute']}:${part['second']}`,
    }
  }
}

function abbreviatorOf(timeZone: string): (ms: number) => string {
  const known = ABBREVIATIONS[timeZone]
  if (known !== undefined) return () => known
  const formats = NAMING_LOCALES.map((locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }))
  const nameOf = (format: Intl.DateTimeFormat, ms: number) =>
    format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone
  const january = Date.UTC(2024, 0, 15)
  const july = Date.UTC(2024, 6, 15)
  const naming = formats.find((format) => [january, july].every((ms) => !/^(GMT|UTC)[+-]/.test(nameOf(format, ms))))
  const [plain] = formats
  const chosen = naming ?? plain
  return (ms) => (chosen === undefined ? timeZone : nameOf(chosen, ms).replace(/^GMT(?=[+-])/, 'UTC'))
}
