import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

// Test workers are ended by signals and never reach their 'exit' event, so nothing inside them can clean up.
// This shell notices by the end of its input that its worker is gone, whatever ended it.
const SCRIPT = `
trap '' INT TERM HUP
IFS='
'
processes=; folders=
without() { for item in $1; do [ "$item" = "$2" ] || echo "$item"; done; }
while read -r line; do
  what=\${line#* }
  case $line in
    'watch-process '*) processes="$processes
$what" ;;
    'forget-process '*) processes=$(without "$processes" "$what") ;;
    'watch-folder '*) folders="$folders
$what" ;;
    'forget-folder '*) folders=$(without "$folders" "$what") ;;
  esac
done
for process in $processes; do kill -9 "$process"; done
for folder in $folders; do rm -rf "$folder"; done
`

let reaper: Socket | undefined

/** Has a process killed when this one ends without having called `forget`. */
export function watchProcess(pid: number): void {
  tell(`watch-process ${pid}`)
}

/** The process has ended: its number may soon belong to another one. */
export function forgetProcess(pid: number): void {
  tell(`forget-process ${pid}`)
}

/** Has a folder removed when this process ends without having called `forget`. */
export function watchFolder(path: string): void {
  tell(`watch-folder ${path}`)
}

/** The folder has been removed. */
export function forgetFolder(path: string): void {
  tell(`forget-folder ${path}`)
}

function tell(line: string): void {
  reaper ??= startReaper()
  reaper.write(`${line}\n`)
}

function startReaper(): Socket {
  // Detached: an interrupt from the keyboard goes to the whole process group and would end it too early.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  const { stdin } = child
  if (!(stdin instanceof Socket)) throw new Error('The reaper has no input to write to.')
  stdin.unref()
  return stdin
}
