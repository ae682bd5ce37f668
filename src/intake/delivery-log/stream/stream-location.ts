/** How to reach NATS over TLS: what PEM files hold. null = what Node trusts, and no certificate of our own. */
export interface NatsTls {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

/** Who we are for NATS: a user, a token, a credentials file, or nobody. */
export interface NatsLogin {
  readonly user: string | null
  readonly password: string | null
  readonly token: string | null
  /** A `.creds` file (JWT and seed); read again at each connect, so that it may be renewed. */
  readonly credentialsFile: string | null
}

/** A delivery log on NATS JetStream. Plain data: it crosses threads. Holds secrets. */
export interface StreamLocation {
  readonly kind: 'stream'
  /** `host:port`, without credentials. */
  readonly servers: readonly string[]
  /** What the names of the streams and subjects begin with: letters, digits, `-`. */
  readonly stream: string
  readonly partitions: number
  /** Copies of each partition: 1, or 3 on a cluster. */
  readonly replicas: number
  readonly login: NatsLogin
  /** null = in the clear. */
  readonly tls: NatsTls | null
}
