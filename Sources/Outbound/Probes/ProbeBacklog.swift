import Alerting
import Engine

/// Results that wait in a probe, written as they will be sent, within limits.
///
/// What is too large or too much loses its picture first, with a word on the result; a result goes only when there is
/// nothing else left to let go, the oldest first. Its monitor is checked again then.
struct ProbeBacklog: Sendable {
    struct Entry: Equatable, Sendable {
        let monitor: Monitor.ID
        fileprivate(set) var bytes: [UInt8]
        /// What can be said without the picture; `nil`: there is none.
        fileprivate var short: ProbeResult?
    }

    /// What was let go.
    struct Loss: Equatable, Sendable {
        var pictures = 0
        /// Monitors whose results were.
        var results: [Monitor.ID] = []

        /// One sentence; `nil` when there was none.
        var words: String? {
            guard pictures > 0 || !results.isEmpty else { return nil }
            return
                "Too much for the server, or to be kept: \(pictures) pictures and \(results.count) results were let go."
        }
    }

    /// In bytes; the server's are in `Limits`.
    struct Sizes: Sendable {
        var batch = Limits.probeResults
        var result = Limits.probeResult
        var picture = Limits.monitorScreenshot
        var all = Limits.probeBacklog
        /// What a slow line is given at least.
        var least = 64 * 1024
    }

    private let sizes: Sizes
    /// The oldest first.
    private(set) var entries: [Entry] = []
    /// Of all entries.
    private(set) var bytes = 0
    /// Bytes that are sent at a time: less after the server, or somebody before it, refused as much.
    private(set) var room: Int

    private var loss = Loss()

    private static let (head, tail) = (Array(#"{"results":["#.utf8), Array("]}".utf8))

    init(_ sizes: Sizes = Sizes()) {
        self.sizes = sizes
        room = sizes.batch
    }

    mutating func add(_ result: ProbeResult) {
        var short = result
        short.report.screenshot = nil
        var entry = Entry(
            monitor: result.monitor, bytes: ProbeMessages.json(result).bytes(),
            short: result.report.screenshot == nil ? nil : short)
        let isLarge = (result.report.screenshot?.count ?? 0) > sizes.picture
        if isLarge || entry.bytes.count > sizes.result {
            if entry.short == nil { entry.short = short }
            entry.shorten()
            loss.pictures += 1
        }
        entries.append(entry)
        bytes += entry.bytes.count
        limit()
    }

    /// What was let go since the last time.
    mutating func takeLoss() -> Loss {
        defer { loss = Loss() }
        return loss
    }

    /// The next results that fit into one request, which wait no longer; none when there are none.
    mutating func takeBatch() -> [Entry] {
        var size = Self.head.count + Self.tail.count
        var count = 0
        for entry in entries.prefix(Limits.probeResultCount) {
            size += entry.bytes.count + 1
            guard count == 0 || size <= room else { break }
            count += 1
        }
        let batch = Array(entries.prefix(count))
        entries.removeFirst(count)
        bytes -= batch.reduce(0) { $0 + $1.bytes.count }
        return batch
    }

    static func body(_ batch: [Entry]) -> [UInt8] {
        head + batch.map(\.bytes).joined(separator: [UInt8(ascii: ",")]) + tail
    }

    /// A batch was taken: the next may be larger again.
    mutating func succeed() {
        room = min(room * 2, sizes.batch)
    }

    /// A batch could not be brought and waits again.
    ///
    /// - Parameter wasSlow: it did not get there in time, so that less is sent the next time.
    mutating func giveBack(_ batch: [Entry], wasSlow: Bool) {
        entries = batch + entries
        bytes += batch.reduce(0) { $0 + $1.bytes.count }
        if wasSlow { room = max(room / 2, sizes.least) }
        limit()
    }

    /// A batch was refused as it is: several are sent in smaller parts, one without its picture, and else let go.
    mutating func refuse(_ batch: [Entry]) {
        guard batch.count == 1, var entry = batch.first else {
            room = max(min(room, Self.body(batch).count) / 2, 1)
            return giveBack(batch, wasSlow: false)
        }
        guard entry.short != nil else { return loss.results.append(entry.monitor) }
        entry.shorten()
        loss.pictures += 1
        giveBack([entry], wasSlow: false)
    }

    private mutating func limit() {
        while bytes > sizes.all, let first = entries.first {
            if let place = entries.firstIndex(where: { $0.short != nil }) {
                bytes -= entries[place].bytes.count
                entries[place].shorten()
                bytes += entries[place].bytes.count
                loss.pictures += 1
            } else {
                bytes -= first.bytes.count
                loss.results.append(first.monitor)
                entries.removeFirst()
            }
        }
    }
}

extension ProbeBacklog.Entry {
    /// Leaves the picture out, and says so where there is a reason to which it belongs.
    fileprivate mutating func shorten() {
        guard var result = short else { return }
        let word = " (the picture was too large to be brought)"
        result.report.reason = result.report.reason.map { reason in
            // Scalars: a single character may be of any length.
            String(String.UnicodeScalarView(reason.unicodeScalars.prefix(Limits.summary - word.count))) + word
        }
        bytes = ProbeMessages.json(result).bytes()
        short = nil
    }
}
