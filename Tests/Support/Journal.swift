import Dispatch
import Foundation
import Synchronization

/// What a child process has written so far and how it ended; waiters look again whenever that changes.
final class Journal: Sendable {
    struct State {
        var lines: [[String]] = [[], []]
        var openStreams = 2
        var exit: ChildProcess.Exit?
        /// Counts changes, so that none is missed between looking and waiting.
        var version = 0
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter = 0

        var isOver: Bool { exit != nil && openStreams == 0 }
    }

    /// Lines kept a stream; later ones are not.
    private static let limit = 500_000
    private let state = Mutex(State())

    func lines(on stream: ChildProcess.Stream) -> [String] {
        state.withLock { $0.lines[stream.rawValue] }
    }

    func end(_ exit: ChildProcess.Exit) {
        change { $0.exit = exit }
    }

    /// Reads `handle` to its end on a thread of its own.
    func read(_ handle: FileHandle, as stream: ChildProcess.Stream) {
        let own = FileHandle(fileDescriptor: dup(handle.fileDescriptor), closeOnDealloc: true)
        let reader = Thread { [self] in
            var rest: [UInt8] = []
            while true {
                let more = own.nextBytes()
                if more.isEmpty { break }
                rest += more
                guard let end = rest.lastIndex(of: 10) else { continue }
                let lines = rest[..<end].split(separator: 10, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                rest.removeFirst(end + 1)
                append(lines, to: stream)
            }
            if !rest.isEmpty { append([String(decoding: rest, as: UTF8.self)], to: stream) }
            change { $0.openStreams -= 1 }
        }
        reader.start()
    }

    /// What `look` finds, now or after one of the next changes.
    func wait<Found: Sendable>(
        for thing: String, within limit: Duration, _ look: (State) -> Found?
    ) async throws -> Found {
        let deadline = ContinuousClock.now + limit
        while true {
            let (found, version, isOver) = state.withLock { (look($0), $0.version, $0.isOver) }
            if let found { return found }
            if isOver { throw notSeen(thing, "before the program ended") }
            guard await change(after: version, until: deadline) else { throw notSeen(thing, "within \(limit)") }
        }
    }

    private func notSeen(_ thing: String, _ when: String) -> ChildProcess.NotSeen {
        state.withLock { state in
            let last = (state.lines[0].suffix(20) + state.lines[1].suffix(20)).joined(separator: "\n")
            let exit = state.exit.map { "; it ended with \($0)" } ?? ""
            return ChildProcess.NotSeen(description: "\(thing) did not come \(when)\(exit); last lines:\n\(last)")
        }
    }

    private func append(_ lines: [String], to stream: ChildProcess.Stream) {
        change { state in
            let room = Self.limit - state.lines[stream.rawValue].count
            state.lines[stream.rawValue] += lines.prefix(max(room, 0))
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.version += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Waits for a change after `version`; `false` when the deadline came first.
    private func change(after version: Int, until deadline: ContinuousClock.Instant) async -> Bool {
        let rest = deadline - .now
        guard rest > .zero else { return false }
        return await withCheckedContinuation { continuation in
            let waiter: Int? = state.withLock { state in
                guard state.version == version else { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = continuation
                return state.nextWaiter
            }
            guard let waiter else { return continuation.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: .now() + (rest / .seconds(1))) { [self] in
                state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: false)
            }
        }
    }
}
