import { expect, test } from 'vitest'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { DataFolderInUseError, lockDataFolder } from './instance-lock.ts'

test('a data folder belongs to one program at a time', () => {
  const folder = makeTempFolder('lock')
  const release = lockDataFolder(folder.path)
  expect(() => lockDataFolder(folder.path)).toThrow(DataFolderInUseError)
  release()
  lockDataFolder(folder.path)()
  folder.remove()
})
