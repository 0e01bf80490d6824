public import Alerting
public import Engine
public import Storage
import Synchronization

/// Makes the places in which rehearsals are played.
public protocol RehearsalStage: Sendable {
    /// An empty database of this version, for one story.
    func open() async throws -> RehearsalPlace
}

/// An empty, migrated database and what ends it.
public struct RehearsalPlace: Sendable {
    public let disk: any Database
    /// Of `ConfigurationCopy.names`.
    public let columns: [String: [String]]
    public let close: @Sendable () -> Void

    public init(disk: any Database, columns: [String: [String]], close: @escaping @Sendable () -> Void) {
        self.disk = disk
        self.columns = columns
        self.close = close
    }
}

/// Rehearses on a copy of a configuration, taken anew for each story.
public final class LiveRehearsal: Rehearsing {
    /// Where the configuration comes from.
    public enum Origin: Sendable {
        case database(any Database)
        case export(ConfigurationCopy)
    }

    private let origin: Origin
    private let stage: any RehearsalStage
    private let channels: [Channel]
    private let throttles: [Channel: Throttle]
    private let underWay = Mutex(0)

    /// - Parameter channels: those that the server can send on.
    public init(
        _ origin: Origin, stage: any RehearsalStage, channels: some Sequence<Channel>,
        throttles: [Channel: Throttle] = [:]
    ) {
        self.origin = origin
        self.stage = stage
        self.channels = Set(channels).sorted { $0.rawValue < $1.rawValue }
        self.throttles = throttles
    }

    public func rehearse(_ story: RehearsalStory) async throws -> RehearsalReport {
        try story.check()
        let isWelcome = underWay.withLock { count in
            guard count < Limits.rehearsalsAtOnce else { return false }
            count += 1
            return true
        }
        guard isWelcome else {
            throw Failure(.unavailable, "Others are trying things out just now; try again in a moment.")
        }
        defer { underWay.withLock { $0 -= 1 } }
        let place = try await stage.open()
        defer { place.close() }
        let copy =
            switch origin {
            case .database(let live): try await live.read { try ConfigurationCopy.read(columns: place.columns, in: $0) }
            case .export(let copy): copy
            }
        try await place.disk.write { try copy.write(columns: place.columns, in: $0) }
        return try await Rehearsal(disk: place.disk, channels: channels, throttles: throttles).play(story)
    }
}
