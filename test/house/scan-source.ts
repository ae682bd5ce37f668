/** One import of a source file, whatever its form: import, import type, export from, import(). */
export interface FoundImport {
  readonly specifier: string
  readonly line: number
}

/** A function and the lines it takes. */
export interface FoundFunction {
  readonly name: string
  readonly line: number
  readonly lineCount: number
}

// TypeScript 7 offers no parser to programs, so these few rules read source as text. They rely on the formatter.
const STATIC_IMPORT = /(?:^|[;}\n])\s*(?:import|export)\b[^;'"`()]*?\bfrom\s*(['"])/g
const BARE_IMPORT = /(?:^|[;}\n])\s*import\s*(['"])/g
const CALLED_IMPORT = /\b(?:import|require)\s*\(\s*(['"])/g

/** Every module that `source` mentions in an import; comments, strings and templates that look like one do not count. */
export function importsOf(source: string): readonly FoundImport[] {
  const code = blankNonCode(source)
  const found = [STATIC_IMPORT, BARE_IMPORT, CALLED_IMPORT].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const start = match.index + match[0].length
      const end = code.indexOf(match[1] ?? '', start)
      return { specifier: source.slice(start, end), line: lineOf(source, start) }
    }),
  )
  return found.toSorted((a, b) => a.line - b.line)
}

const FUNCTION_START =
  /^(?<indent> *)(?:export |default |async )*(?:function\b\*? ?(?<name>[\w$]*)|(?:const|let) (?<constant>[\w$]+)\b.*=> [{(]$)/
const METHOD_START =
  /^(?<indent> +)(?:public |private |protected |static |override |async |get |set |\*)*(?<name>#?[\w$]+)\(/
const NO_METHODS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'function'])

/**
 * Functions and methods that start on a line of their own; each ends at the first line that closes at its indent.
 * Callbacks are left to the linter.
 */
export function functionsOf(source: string): readonly FoundFunction[] {
  const lines = blankNonCode(source).split('\n')
  return lines.flatMap((text, index) => {
    const groups = FUNCTION_START.exec(text)?.groups ?? methodAt(lines, index)
    if (groups === undefined) return []
    const indent = groups['indent'] ?? ''
    const closing = lines.findIndex((line, at) => at >= index && isClosing(line, indent, at === index))
    const last = closing === -1 ? index : closing
    return [{ name: groups['name'] || groups['constant'] || 'anonymous', line: index + 1, lineCount: last - index + 1 }]
  })
}

/** A call looks the same up to where its parentheses close: only a method goes on with a body. */
function methodAt(lines: readonly string[], index: number): Record<string, string> | undefined {
  const head = lines[index] ?? ''
  const groups = METHOD_START.exec(head)?.groups
  if (groups === undefined || NO_METHODS.has(groups['name'] ?? '')) return undefined
  if (/\)(?:: [^=]+)? \{$/.test(head)) return groups
  if (!/[({]$/.test(head)) return undefined
  const end = lines.slice(index + 1).find((line) => new RegExp(`^${groups['indent']}[)}]`).test(line))
  return end !== undefined && /^ *\}?\)(?:: [^=]+)? \{$/.test(end) ? groups : undefined
}

/** `) {` and `}: Options) {` end the parameters, not the function. */
function isClosing(line: string, indent: string, isFirst: boolean): boolean {
  if (isFirst) return /[;}]\s*$/.test(line) && !/[{(]\s*$/.test(line)
  return line.startsWith(`${indent}}`) && !/[{(]\s*$/.test(line)
}

// After one of these a slash starts a regular expression; after a name, a number or `)` it divides.
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield))\s*$/

/** `source` with the insides of comments, strings, templates and regular expressions replaced by blanks. */
export function blankNonCode(source: string): string {
  const out = [...Array(source.length).keys()].map((at) => source[at] ?? '')
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' '
  }
  // One entry per open `${`: how many braces are open inside it.
  const openInTemplate: number[] = []
  let at = 0
  while (at < source.length) {
    const next = afterNonCode(source, at)
    if (next !== undefined) {
      blank(next.blankFrom, next.blankTo)
      if (next.opensExpression) openInTemplate.push(0)
      at = next.end
      continue
    }
    const depth = openInTemplate.at(-1)
    if (depth !== undefined && source[at] === '{') openInTemplate[openInTemplate.length - 1] = depth + 1
    if (depth !== undefined && source[at] === '}') {
      if (depth > 0) openInTemplate[openInTemplate.length - 1] = depth - 1
      else {
        openInTemplate.pop()
        const rest = templatePart(source, at + 1)
        blank(at, rest.blankTo)
        if (rest.opensExpression) openInTemplate.push(0)
        at = rest.end
        continue
      }
    }
    at += 1
  }
  return out.join('')
}

interface NonCode {
  readonly blankFrom: number
  readonly blankTo: number
  readonly end: number
  readonly opensExpression: boolean
}

function afterNonCode(source: string, at: number): NonCode | undefined {
  const char = source[at]
  const two = source.slice(at, at + 2)
  if (two === '//' || (two === '#!' && at === 0)) return whole(at, orEnd(source, source.indexOf('\n', at)))
  if (two === '/*') return whole(at, orEnd(source, source.indexOf('*/', at + 2) + 2, 2))
  if (char === '"' || char === "'") return quoted(source, at, char)
  if (char === '`') return templatePart(source, at + 1)
  if (char === '/' && BEFORE_REGEX.test(source.slice(Math.max(0, at - 60), at))) return regex(source, at)
  return undefined
}

function whole(from: number, to: number): NonCode {
  return { blankFrom: from, blankTo: to, end: to, opensExpression: false }
}

function orEnd(source: string, at: number, offset = 0): number {
  return at === offset - 1 ? source.length : at
}

/** The quotes stay, so that an import is still to be seen. */
function quoted(source: string, at: number, quote: string): NonCode {
  const close = skipTo(source, at + 1, (char) => char === quote || char === '\n')
  return { blankFrom: at + 1, blankTo: close, end: close + 1, opensExpression: false }
}

function templatePart(source: string, at: number): NonCode {
  const close = skipTo(source, at, (char, index) => char === '`' || (char === '$' && source[index + 1] === '{'))
  const opensExpression = source[close] === '$'
  const end = close + (opensExpression ? 2 : 1)
  return { blankFrom: at, blankTo: opensExpression ? end : close, end, opensExpression }
}

function regex(source: string, at: number): NonCode {
  let isInClass = false
  const close = skipTo(source, at + 1, (char) => {
    if (char === '[') isInClass = true
    if (char === ']') isInClass = false
    return char === '\n' || (char === '/' && !isInClass)
  })
  return { blankFrom: at + 1, blankTo: close, end: close + 1, opensExpression: false }
}

function skipTo(source: string, from: number, isEnd: (char: string, at: number) => boolean): number {
  let at = from
  while (at < source.length && !isEnd(source[at] ?? '', at)) at += source[at] === '\\' ? 2 : 1
  return Math.min(at, source.length)
}

function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length
}
