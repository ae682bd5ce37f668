/** How to reach NATS over TLS; files in PEM. */
export interface NatsTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

/** Who we are for NATS: at most one of these. */
export interface NatsLogin {
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** A `.creds` file (JWT and seed); read again at each connect, so that it may be renewed. */
  readonly credentialsFile?: string
}

/** A delivery log on NATS JetStream. Plain data: it crosses threads. */
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
