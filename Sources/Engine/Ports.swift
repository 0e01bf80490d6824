public import Alerting

/// What the engine needs from outside, each with two real implementations, the simulation's among them.

/// The wall clock.
public protocol Clock: Sendable {
    var now: Timestamp { get }
}

/// Hands out ids that no other node uses.
public protocol IDSource: Sendable {
    /// Makes sure that `count` ids can be drawn without waiting; called outside of transactions.
    func reserve(_ count: Int) async throws
    /// The same on the calling thread, which it blocks.
    func reserveBlocking(_ count: Int) throws
    func next() throws(IDShortage) -> Int64
}

public enum IDShortage: Error, Equatable, Sendable {
    /// More ids were drawn than were reserved; nothing is lost when the transaction is tried again with more.
    case tooFewReserved
}

/// Fetches a page of another service, never one of the machine or network that the server is in.
public protocol Fetcher: Sendable {
    /// Tries once, within its own limits of time and size; `nil`: there was no whole answer.
    func fetch(_ url: String) async -> FetchedPage?
}

public struct FetchedPage: Equatable, Sendable {
    public var status: Int
    public var body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Hands messages of one channel to the outside world: one provider of it.
public protocol Sender: Sendable {
    var channel: Channel { get }
    /// The provider's name, for people; unique within the channel.
    var name: String { get }
    /// Messages on their way at the same time.
    var places: Int { get }
    /// Tries once, within its own time limit; never throws: what went wrong is in the outcome.
    func send(_ message: OutgoingMessage) async -> DeliveryOutcome
}

extension Sender {
    public var name: String { channel.rawValue }
    public var places: Int { 16 }
}

/// A message as a channel gets it: finished text, no decisions left.
public struct OutgoingMessage: Equatable, Sendable {
    public typealias ID = Identifier<OutgoingMessage>

    /// Repeated attempts of one message carry the same id, so that a receiver can tell a repetition.
    public var id: ID
    public var attempt: Int
    /// An email address, a phone number, a token: whatever the channel calls an address.
    public var address: String
    public var subject: String
    public var text: String
    public var html: String?
    /// Names the conversation, such as one alert: later messages of it are threaded below the first. `nil`: none.
    public var thread: String?
    /// Whether this is the conversation's first message to this address.
    public var startsThread: Bool
    /// Links that act, for channels with buttons.
    public var acceptLink: String?
    public var resolveLink: String?
    /// Where the alert, or whatever it is about, can be seen.
    public var openLink: String?
    /// The words for channels with little room, with what to reply.
    public var brief: String
    /// Proves who answers; part of the links.
    public var token: String?
    /// What a reply begins with.
    public var shortCode: Int?
    public var isUrgent: Bool
    /// What the contact keeps beside its address: keys, a token. Never logged.
    public var secret: String?

    public init(
        id: ID, attempt: Int, address: String, subject: String, text: String, html: String? = nil,
        thread: String? = nil, startsThread: Bool = true, acceptLink: String? = nil, resolveLink: String? = nil,
        openLink: String? = nil, brief: String? = nil, token: String? = nil, shortCode: Int? = nil,
        isUrgent: Bool = true, secret: String? = nil
    ) {
        self.id = id
        self.attempt = attempt
        self.address = address
        self.subject = subject
        self.text = text
        self.html = html
        self.thread = thread
        self.startsThread = startsThread
        self.acceptLink = acceptLink
        self.resolveLink = resolveLink
        self.openLink = openLink
        self.brief = brief ?? subject
        self.token = token
        self.shortCode = shortCode
        self.isUrgent = isUrgent
        self.secret = secret
    }
}
