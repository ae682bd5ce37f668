/** What a run of the tests keeps its data in: the sizes that the product is installed in. */
export type TestSize = 'embedded' | 'mariadb' | 'postgres' | 'cluster'

const SIZES: readonly string[] = ['embedded', 'mariadb', 'postgres', 'cluster'] satisfies TestSize[]

/** The size of this run, from NUNCHI_TEST_SIZE, which each project of the test runner sets. Throws when it is no size. */
export function testSize(environment: NodeJS.ProcessEnv = process.env): TestSize {
  const size = environment['NUNCHI_TEST_SIZE'] ?? 'embedded'
  if (!SIZES.includes(size)) throw new Error(`NUNCHI_TEST_SIZE is ${SIZES.join(', ')}, not "${size}"`)
  return size as TestSize
}

/**
 * Registers tests that are about SQLite files or about one process as such; in the other sizes they do not exist, so that
 * "skipped" keeps meaning "should have run". The reason is for the reader.
 */
export function onlyEmbedded(_reason: string, register: () => void): void {
  if (testSize() === 'embedded') register()
}
