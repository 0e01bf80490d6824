public import Engine
public import Hummingbird
public import NIOCore
public import Storage

/// What a request carries along while it is answered.
public struct WebContext: RequestContext, RemoteAddressRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let remoteAddress: SocketAddress?
    /// Who acts; set by the API's key check or by the page's session.
    public var caller: Caller?
    /// The browser's session; only on pages.
    public var session: SessionRecord?
    /// What only pages need to know.
    var page = PageState()

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// Bodies of API and form requests; ingest sets its own limit.
    public var maxUploadSize: Int { 1024 * 1024 }
}
