const ATTEMPTS = 3
// The second is a race within Galera on a busy machine, when it names its own thread before that has begun.
const PASSING = /address already in use|EADDRINUSE|Failed to set thread schedparams/i

/**
 * Starts a program that listens on a port found free. The port can be taken before the program listens on it;
 * then `start` runs again and looks for another one. Every other failure is passed on.
 */
export async function startOnFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === ATTEMPTS || !PASSING.test(String(error))) throw error
    }
  }
}
