public import Alerting
public import Integrations

/// What is to be tried out without anybody being paged: requests to an alert source, and what people do then.
public struct RehearsalStory: Equatable, Sendable {
    /// A request, so long after the story's beginning.
    public struct Post: Equatable, Sendable {
        public var after: Duration
        public var request: WebhookRequest

        public init(after: Duration = .zero, request: WebhookRequest) {
            self.after = after
            self.request = request
        }
    }

    /// When the story begins.
    public var at: Timestamp
    public var source: AlertSource.ID
    public var posts: [Post]
    /// When the first person who was paged accepts, counted from the beginning; `nil`: nobody reacts.
    public var acceptAfter: Duration?
    /// How long is watched.
    public var length: Duration

    public init(
        at: Timestamp, source: AlertSource.ID, posts: [Post], acceptAfter: Duration? = nil, length: Duration
    ) {
        self.at = at
        self.source = source
        self.posts = posts
        self.acceptAfter = acceptAfter
        self.length = length
    }

    /// From one minute to a week.
    public static let lengths: ClosedRange<Duration> = .minutes(1) ... .days(7)
    /// From 1971 to 2099: time zones are known there.
    public static let times =
        Timestamp(milliseconds: 31_536_000_000)...Timestamp(milliseconds: 4_102_444_799_999)

    /// - Throws: `Failure.invalid` that names the field.
    public func check() throws(Failure) {
        guard Self.times.contains(at) else { throw .invalid("at", "must be between 1971 and 2099.") }
        guard Self.lengths.contains(length) else { throw .invalid("silent", "must be one minute to seven days.") }
        guard (1...Limits.rehearsalPosts).contains(posts.count) else {
            throw .invalid("payload", "there must be 1 to \(Limits.rehearsalPosts) requests.")
        }
        for post in posts {
            guard post.request.body.count <= Limits.ingestBody else {
                throw .invalid("payload", "may have at most \(Limits.ingestBody) bytes.")
            }
            guard (.zero...length).contains(post.after) else {
                throw .invalid("after", "must lie within the time that is watched.")
            }
        }
        guard acceptAfter.map({ (.zero...length).contains($0) }) ?? true else {
            throw .invalid("accept-after", "must lie within the time that is watched.")
        }
    }

    /// A request with a body as a tool would send it.
    ///
    /// - Parameter contentType: `nil`: JSON when it begins like it, else a form.
    public static func request(_ body: [UInt8], contentType: String? = nil) -> WebhookRequest {
        let first = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        let isXML = first == UInt8(ascii: "<")
        let type =
            contentType
            ?? (isJSON ? "application/json" : isXML ? "application/xml" : "application/x-www-form-urlencoded")
        return WebhookRequest(path: "/rehearsal", headers: [.init("Content-Type", type)], body: body)
    }
}

/// Plays stories on a copy of the configuration: the engine's own loops, another clock, and senders that send nothing.
public protocol Rehearsing: Sendable {
    /// - Throws: `Failure.invalid` for a story out of range, `Failure.notFound` for an unknown alert source,
    ///   `Failure.unavailable` while too many others are played.
    func rehearse(_ story: RehearsalStory) async throws -> RehearsalReport
}
