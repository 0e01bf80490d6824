import Alerting
import Engine
import Foundation
import Storage
import Synchronization

/// Faults that a test orders in a real process, by `NIGHTBELL_FAULTS`; no operator has a use for it.
///
/// Parts are separated by blanks: `kill=before-commit:3` and `kill=after-commit:3` end the process as a power cut does
/// at the third transaction from the first request on, `kill=before-send` and `kill=after-send` at the first message
/// handed over; `clock=FILE` adds the seconds that stand in a file to the time; `throttle=off` sends every page alone.
struct Faults {
    enum KillPoint: Equatable {
        case beforeCommit(Int)
        case afterCommit(Int)
        case beforeSend, afterSend
    }

    private(set) var kill: KillPoint?
    private(set) var clockFile: String?
    private(set) var throttles: [Channel: Throttle] = [:]
    static let none = Faults()

    private init() {}

    /// - Returns: `nil` for anything else than the parts above.
    init?(_ text: String) {
        for part in text.split(separator: " ") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { return nil }
            switch (sides[0], sides[1]) {
            case ("clock", let file): clockFile = file
            case ("throttle", "off"):
                for channel in Channel.allCases { throttles[channel] = Throttle([]) }
            case ("kill", let point):
                guard let known = Self.point(point) else { return nil }
                kill = known
            default: return nil
            }
        }
    }

    private static func point(_ text: String) -> KillPoint? {
        let sides = text.split(separator: ":")
        let number = sides.count == 2 ? Int(sides[1]).flatMap { $0 > 0 ? $0 : nil } : nil
        return switch (sides.first, number) {
        case ("before-commit", let number?): .beforeCommit(number)
        case ("after-commit", let number?): .afterCommit(number)
        case ("before-send", nil): .beforeSend
        case ("after-send", nil): .afterSend
        default: nil
        }
    }

    func clock() -> any Clock {
        clockFile.map { ShiftedClock(file: $0) } ?? SystemClock()
    }

    func database(_ base: any Database) -> any Database {
        switch kill {
        case .beforeCommit, .afterCommit: KillingDatabase(base, at: kill)
        case .beforeSend, .afterSend, nil: base
        }
    }

    func sender(_ base: any Sender) -> any Sender {
        switch kill {
        case .beforeSend, .afterSend: KillingSender(base: base, isBefore: kill == .beforeSend)
        case .beforeCommit, .afterCommit, nil: base
        }
    }

    /// As a power cut: nothing is tidied up.
    fileprivate static func die() -> Never {
        Foundation.kill(getpid(), SIGKILL)
        while true { pause() }
    }
}

/// The system's clock and the seconds that stand in a file, which may change at any time.
private struct ShiftedClock: Clock {
    let file: String

    var now: Timestamp {
        // No file: no shift.
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let seconds = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        return SystemClock().now + .seconds(seconds)
    }
}

/// Counts transactions that write, from the first of the intake on.
private final class KillingDatabase: Database {
    private let base: any Database
    private let point: Faults.KillPoint?
    /// 0: the intake has not begun.
    private let count = Atomic(0)

    init(_ base: any Database, at point: Faults.KillPoint?) {
        self.base = base
        self.point = point
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        let number = count.load(ordering: .relaxed) == 0 ? 0 : count.add(1, ordering: .relaxed).newValue
        let result = try await base.write { [point] transaction in
            let result = try body(transaction)
            if point == .beforeCommit(number) { Faults.die() }
            return result
        }
        if point == .afterCommit(number) { Faults.die() }
        return result
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await base.read(body)
    }

    func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        let number = count.add(1, ordering: .relaxed).newValue
        let result = try base.writeBlocking { transaction in
            let result = try body(transaction)
            if point == .beforeCommit(number) { Faults.die() }
            return result
        }
        if point == .afterCommit(number) { Faults.die() }
        return result
    }
}

private struct KillingSender: Sender {
    let base: any Sender
    let isBefore: Bool

    var channel: Channel { base.channel }
    var name: String { base.name }
    var places: Int { base.places }

    func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        if isBefore { Faults.die() }
        _ = await base.send(message)
        Faults.die()
    }
}
