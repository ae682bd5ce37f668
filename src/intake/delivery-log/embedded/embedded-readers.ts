import type { DeliveryReader, DeliveryReaders } from '../delivery-log.ts'
import { LogFile } from './log-file.ts'

/** Beside the waking of the thread that appends, so that what another process appended is found as well. */
const LOOK_EVERY_MS = 250

/** Reads the embedded log in the thread that folds, through handles of its own. Throws with what is wrong with the file. */
export function openEmbeddedReaders(path: string): DeliveryReaders {
  const file = new LogFile(path)
  const watches = new Set<NodeJS.Timeout>()
  const stop = (timer: NodeJS.Timeout): void => {
    clearInterval(timer)
    watches.delete(timer)
  }
  return {
    partitions: [file.logId],
    open: (partition) => openEmbeddedReader(path, partition),
    watch: (onAppended) => {
      let version = file.dataVersion()
      const timer = setInterval(() => {
        const found = file.dataVersion()
        if (found !== version) onAppended(file.logId)
        version = found
      }, LOOK_EVERY_MS).unref()
      watches.add(timer)
      return () => stop(timer)
    },
    close: async () => {
      for (const timer of [...watches]) stop(timer)
      file.close()
    },
  }
}

function openEmbeddedReader(path: string, partition: string): DeliveryReader {
  const file = new LogFile(path)
  return {
    partition,
    read: async (after, limit) => file.read(after, limit),
    get: async (seq) => file.get(seq),
    close: async () => file.close(),
  }
}
