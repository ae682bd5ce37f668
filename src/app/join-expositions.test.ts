import { expect, test } from 'vitest'
import { joinExpositions } from './join-expositions.ts'

test('families of several threads stand side by side', () => {
  const http = '# HELP a_total A.\n# TYPE a_total counter\na_total 1\n'
  const engine = '# HELP b Bee.\n# TYPE b gauge\nb{x="1"} 2\n'
  expect(joinExpositions([http, engine])).toBe(`${http}\n${engine}`)
})

test('a family that two threads have is described once and has the samples of both', () => {
  const http = '# HELP lag Lag.\n# TYPE lag gauge\nlag{thread="http"} 1\n'
  const engine = '# HELP lag Other words.\n# TYPE lag gauge\nlag{thread="engine"} 2\n'
  expect(joinExpositions([http, engine])).toBe(
    '# HELP lag Lag.\n# TYPE lag gauge\nlag{thread="http"} 1\nlag{thread="engine"} 2\n',
  )
})

test('of a series that two threads have, the first stays: a scraper refuses doubles', () => {
  const one = '# TYPE a counter\na{x="} {"} 1\na 5\n'
  const two = '# TYPE a counter\na{x="} {"} 2\na{x="new"} 3\na 6 1700000000000\n'
  expect(joinExpositions([one, two])).toBe('# TYPE a counter\na{x="} {"} 1\na 5\na{x="new"} 3\n')
})

test('the samples of a histogram stay with it', () => {
  const one = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n'
  const two = '# TYPE h histogram\nh_bucket{le="1",t="e"} 1\nh_sum{t="e"} 3\nh_count{t="e"} 2\n'
  expect(joinExpositions([one, two])).toBe(
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\nh_bucket{le="1",t="e"} 1\nh_sum{t="e"} 3\nh_count{t="e"} 2\n',
  )
})

test('nothing joined with nothing is nothing', () => {
  expect(joinExpositions(['', '\n'])).toBe('')
})
