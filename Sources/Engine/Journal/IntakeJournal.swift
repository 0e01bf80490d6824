public import Alerting
import Foundation
import Integrations
public import Logging
import Metrics
import Storage
import Synchronization

/// Requests that were answered 202 and are not in the database yet, because that was away: in files of this node, each
/// synced before its request is answered, and brought into the database in the order in which they came.
public final class IntakeJournal: Sendable {
    /// Some records of one journal, to be settled together.
    struct Chunk: Sendable {
        var id: String
        var records: [JournalRecord]
        fileprivate var end: Int64
    }

    private struct State {
        /// The oldest first; the last may be this process's own.
        var files: [JournalFile] = []
        var sequence: Int64 = 0
    }

    /// This process's journal; no other process ever has the same.
    public let id: String
    let node: String
    /// Bytes that all files together may have.
    public let limit: Int64
    private let folder: String
    private let isAllowed: @Sendable () -> Bool
    private let logger: Logger
    private let state = Mutex(State())
    private let records = Atomic(0)
    private let size = Atomic(0)
    private let away = Atomic(false)
    private let full = Atomic(false)
    private static let kept = Counter(label: "nightbell_journal_requests_total")
    private static let replayed = Counter(label: "nightbell_journal_replayed_total")
    private static let refused = Counter(label: "nightbell_journal_refused_total")
    private static let unreplayable = Counter(label: "nightbell_journal_failed_total")
    /// Read at a time.
    private static let chunkBytes = 4 * 1024 * 1024

    /// Opens the folder, and takes over what earlier processes have left there.
    ///
    /// - Parameters:
    ///   - node: for people who look into the database.
    ///   - isAllowed: whether the node may take requests at all.
    /// - Throws: `Failure.unavailable` when the folder cannot be used.
    public init(
        folder: String, id: String, node: String, limit: Int64, isAllowed: @escaping @Sendable () -> Bool = { true },
        logger: Logger
    ) throws(Failure) {
        self.folder = folder
        self.id = id
        self.node = node
        self.limit = limit
        self.isAllowed = isAllowed
        self.logger = logger
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw Failure(.unavailable, "Could not make the folder \(folder): \(String(cString: strerror(errno))).")
        }
        // An unreadable folder shows at the first file that is to be made in it.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var files: [JournalFile] = []
        for name in names.filter({ $0.hasSuffix(JournalFile.ending) }).sorted() {
            guard let file = try JournalFile(left: name, in: folder) else {
                logger.error("journal not readable", metadata: ["file": "\(name)"])
                continue
            }
            if file.tornBytes > 0 {
                logger.warning(
                    "journal ends in half a request, which was not answered",
                    metadata: ["file": "\(name)", "bytes": "\(file.tornBytes)"])
            }
            if file.count > 0 { files.append(file) } else { file.remove() }
        }
        let found = files
        state.withLock { $0.files = found }
        note(found)
    }

    deinit {
        state.withLock { state in
            for file in state.files { file.closeFile() }
        }
    }

    /// Requests that are not in the database yet.
    public var waiting: Int { records.load(ordering: .relaxed) }
    public var bytes: Int { size.load(ordering: .relaxed) }
    /// Whether the database did not answer when it was asked last.
    public var isDatabaseAway: Bool { away.load(ordering: .relaxed) }
    /// Whether the last request found no room.
    public var isFull: Bool { full.load(ordering: .relaxed) }

    /// For the node that is started while the database is away.
    func remember(_ keys: KnownKeys) {
        do {
            try keys.write(to: folder)
        } catch {
            logger.warning("keys not noted", metadata: ["reason": "\(error)"])
        }
    }

    /// Says whether the database answers.
    public func note(isDatabaseAway isAway: Bool) {
        guard away.exchange(isAway, ordering: .relaxed) != isAway else { return }
        if isAway {
            logger.error("database away: requests go to the journal", metadata: ["node": "\(node)"])
        } else {
            logger.info("database back", metadata: ["node": "\(node)", "waiting": "\(waiting)"])
        }
    }

    /// Keeps requests; they are on the disk when this returns.
    ///
    /// - Parameter batch: of each, the batch in which it may have been committed; 0: none.
    /// - Throws: `Failure.unavailable` when there is no room, in the journal or on the disk; nothing is kept then.
    func append(_ requests: [(request: IngestRequest, batch: Int64)]) throws(Failure) {
        try append(
            requests.map { request, batch in
                JournalRecord(
                    sequence: 0, batch: batch, source: request.source.record.id, receivedAt: request.receivedAt,
                    allowance: request.allowance.load(ordering: .relaxed), form: request.form,
                    request: request.request)
            })
    }

    /// - Parameter records: their numbers are given here.
    private func append(_ records: [JournalRecord]) throws(Failure) {
        guard isAllowed() else { throw Failure(.unavailable, "This node takes no more requests.") }
        let result = state.withLock { state in Result { () throws(Failure) in try append(records, &state) } }
        // Thrown below.
        full.store((try? result.get()) == nil, ordering: .relaxed)
        if case .failure = result { Self.refused.increment(by: records.count) }
        try result.get()
        Self.kept.increment(by: records.count)
    }

    /// Keeps one request that no database has seen; it is on the disk when this returns.
    ///
    /// - Throws: `Failure.unavailable` when there is no room.
    func keep(
        _ request: WebhookRequest, source: AlertSource.ID, form: IngestForm, at now: Timestamp
    ) throws(Failure) {
        let record = JournalRecord(
            sequence: 0, batch: 0, source: source, receivedAt: now, allowance: .max, form: form, request: request)
        try append([record])
    }

    private func append(_ records: [JournalRecord], _ state: inout State) throws(Failure) {
        var bytes: [UInt8] = []
        var sequence = state.sequence
        for var record in records {
            sequence += 1
            record.sequence = sequence
            record.append(to: &bytes)
        }
        guard state.files.reduce(Int64(bytes.count), { $0 + $1.size }) <= limit else {
            throw Failure(.unavailable, "The journal of this node is full; come back soon.")
        }
        if state.files.last?.id != id { state.files.append(try JournalFile(new: id, in: folder)) }
        try state.files[state.files.count - 1].append(bytes, records: records.count)
        state.sequence = sequence
        note(state.files)
    }

    /// The oldest requests; `nil`: there are none.
    func next(_ most: Int) -> Chunk? {
        state.withLock { state in
            while let file = state.files.first {
                let (records, end) = file.first(most, bytes: Self.chunkBytes)
                if !records.isEmpty { return Chunk(id: file.id, records: records, end: end) }
                // Emptied, or damaged since it was opened: then what is left of it is kept for a person.
                if file.count > 0 {
                    logger.error("journal not readable any more", metadata: ["file": "\(file.id)"])
                }
                state.files.removeFirst().remove()
                note(state.files)
            }
            return nil
        }
    }

    /// Forgets requests that are in the database now.
    func settle(_ chunk: Chunk) {
        state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.id == chunk.id }) else { return }
            state.files[index].settle(chunk.records.count, upTo: chunk.end)
            if state.files[index].count == 0 { state.files.remove(at: index).remove() }
            note(state.files)
        }
        Self.replayed.increment(by: chunk.records.count)
    }

    /// Keeps a request for a person that the database refuses and would refuse for ever.
    func setAside(_ record: JournalRecord, of id: String, because error: any Error) {
        var bytes: [UInt8] = []
        record.append(to: &bytes)
        let path = "\(folder)/\(id)-\(record.sequence).refused"
        let isKept = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        Self.unreplayable.increment()
        logger.error(
            "journalled request not stored",
            metadata: ["file": "\(isKept ? path : "none")", "reason": "\(Limits.cut("\(error)", to: 500))"])
    }

    private func note(_ files: [JournalFile]) {
        records.store(files.reduce(0) { $0 + $1.count }, ordering: .relaxed)
        size.store(Int(files.reduce(0) { $0 + $1.size }), ordering: .relaxed)
    }
}
