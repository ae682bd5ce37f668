/** New threads of a channel within a while; this process's own, which is enough to see a storm begin. */
export class StormWatch {
  readonly #roots = new Map<string, { readonly at: number; readonly isCritical: boolean }[]>()

  rootPosted(channelId: string, root: { readonly at: number; readonly isCritical: boolean }): void {
    const roots = this.#roots.get(channelId)
    if (roots) roots.push(root)
    else this.#roots.set(channelId, [root])
  }

  /** How many threads began in a channel since `since` (ms since 1970), and how many of them are critical. */
  rootsSince(channelId: string, since: number): { readonly all: number; readonly critical: number } {
    const recent = (this.#roots.get(channelId) ?? []).filter(({ at }) => at > since)
    this.#roots.set(channelId, recent)
    return { all: recent.length, critical: recent.filter(({ isCritical }) => isCritical).length }
  }
}
