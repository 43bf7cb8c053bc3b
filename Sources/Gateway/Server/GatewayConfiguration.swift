import NIOCore
import NIOPosix
import Py4J

/// How a gateway listens, whom it lets in, and how it calls back.
public struct GatewayConfiguration: Sendable {
    /// On which connection callbacks to Python travel.
    public enum Threading: Sendable {
        /// On connections of their own to Python's callback server, as Py4J's `GatewayServer`.
        case pooled
        /// On the connection of the calling thread, as Py4J's `ClientServer`.
        case singleThreaded
    }

    /// Something of the gateway that comes and goes, for tests that count what is left.
    public struct LifecycleEvent: Sendable {
        public enum Kind: Sendable { case server, connection, callbackClient, callbackConnection }
        public let kind: Kind
        public let id: Int
        /// false: it has been released for good.
        public let isCreated: Bool
    }

    /// Address to listen on. Anything but loopback wants ``authToken`` and ``tls``.
    public var host = "127.0.0.1"
    /// 0 takes a free port; see ``GatewayServer/port``.
    public var port = 25333
    /// What clients must present first; nil lets everyone in who can connect.
    public var authToken: String?
    /// Certificate and key to present to clients.
    public var tls: GatewayTLS?
    public var threading = Threading.pooled
    public var callback = CallbackConfiguration()
    public var limits = FrameLimits.default
    /// How long a client may take to present its token.
    public var authenticationTimeout = TimeAmount.seconds(10)
    public var maximumConnections = 1024
    /// How long a client that names its session may be without a connection before what it holds
    /// is released.
    public var sessionGrace = TimeAmount.seconds(5)
    /// Runs the body after a while; nil asks an event loop. Tests have their own time.
    public var sessionTimer:
        (@Sendable (_ delay: TimeAmount, _ body: @escaping @Sendable () -> Void) -> Void)?
    /// Closes a connection that stays silent for so long; nil never does.
    public var readTimeout: TimeAmount?
    public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    /// Called when the last of the clients' connections has closed.
    public var onLastConnectionClosed: (@Sendable () -> Void)?
    public var onLifecycle: (@Sendable (LifecycleEvent) -> Void)?

    public init() {}

    public init(
        host: String = "127.0.0.1", port: Int, authToken: String? = nil,
        tls: GatewayTLS? = nil, threading: Threading = .pooled,
        callback: CallbackConfiguration = CallbackConfiguration()
    ) {
        self.host = host
        self.port = port
        self.authToken = authToken
        self.tls = tls
        self.threading = threading
        self.callback = callback
    }
}

/// How to reach Python's callback server.
public struct CallbackConfiguration: Sendable {
    public var host = "127.0.0.1"
    public var port = 25334
    /// What the callback server wants to see first.
    public var authToken: String?
    public var tls: GatewayTLS?
    /// How long Python may take to answer; nil waits for good.
    public var readTimeout: TimeAmount?
    public var connectTimeout = TimeAmount.seconds(10)
    /// Unused connections are closed after one to two of these; nil keeps them.
    public var idleTimeout: TimeAmount? = .seconds(30)
    /// Whether Python is told when one of its objects is no longer used here.
    public var releasesProxies = true
    /// Released objects are reported together after this long, or at `System.gc()`.
    public var releaseInterval = TimeAmount.seconds(5)

    public init() {}

    public init(host: String = "127.0.0.1", port: Int, authToken: String? = nil) {
        self.host = host
        self.port = port
        self.authToken = authToken
    }
}
