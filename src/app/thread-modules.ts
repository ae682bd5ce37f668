/** The function that each role of thread runs, by the module that has it, relative to this file. The build reads it as well. */
export const THREAD_MODULES = {
  sqlite: { file: '../store/dialects/sqlite/sqlite-thread.ts', run: 'runSqliteThread' },
  'delivery-log': { file: '../intake/delivery-log/embedded/log-thread.ts', run: 'runLogThread' },
  engine: { file: './engine-thread.ts', run: 'runEngineThread' },
} as const
