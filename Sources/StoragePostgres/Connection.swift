import CLibPQ
import Glibc
import Storage

/// One connection to the server, used by one thread at a time. Nothing waits longer than it is told to.
final class Connection {
    private let pointer: OpaquePointer
    private let address: PostgresAddress

    /// What holds unless the URL says otherwise. The later a keyword, the stronger.
    private static let usual: [(name: String, value: String)] = [
        ("application_name", "nightbell"), ("connect_timeout", "5"), ("keepalives_idle", "10"),
        ("keepalives_interval", "3"), ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
        // Of several hosts the one that takes writes: after a fail-over the other one.
        ("target_session_attrs", "read-write"),
    ]
    /// Our text is UTF-8 whatever the database's default for clients is.
    private static let always: [(name: String, value: String)] = [("client_encoding", "UTF8")]

    /// How the server looks for the fastest way.
    enum Planning {
        /// By what it knows of the tables.
        case free
        /// By an index wherever there is one, and once for each statement. A plan that was made while a table was empty
        /// would read all of it for as long as nobody has counted its rows. Row by row, too: who collects the places of
        /// rows first looks at every dead version each time, and marks none for the next one.
        case byIndex

        fileprivate var settings: String? {
            switch self {
            case .free: nil
            case .byIndex:
                """
                SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false), \
                set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false), \
                set_config('plan_cache_mode', 'force_generic_plan', false)
                """
            }
        }
    }

    /// A commit that was answered is durable; a node that hangs does not hold its locks for ever; compiling a
    /// statement to machine code takes longer than any of ours.
    private static let settings = """
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
        SELECT set_config('lock_timeout', '5s', false), set_config('idle_in_transaction_session_timeout', '60s', false),
            set_config('jit', 'off', false)
        """

    /// Connects; blocks for some seconds at most for each host of the URL.
    ///
    /// - Throws: `StorageError.unavailable`.
    init(_ address: PostgresAddress, patience: Duration, planning: Planning = .free) throws(StorageError) {
        let options = Self.usual + [("dbname", address.url)] + Self.always
        let names = options.map { strdup($0.name) }
        let values = options.map { strdup($0.value) }
        defer { for text in names + values { free(text) } }
        let pointer = PQconnectdbParams(
            names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        guard let pointer else { throw .unavailable(message: "No memory for a connection to \(address).") }
        self.pointer = pointer
        self.address = address
        guard PQstatus(pointer) == CONNECTION_OK else {
            let reason = Self.words(of: pointer)
            throw .unavailable(message: "Cannot connect to the database \(address): \(reason)")
        }
        // Notices are for people at a terminal.
        _ = PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        PQsetnonblocking(pointer, 1)
        try run(script: Self.settings, patience: patience)
        if let settings = planning.settings { try run(script: settings, patience: patience) }
    }

    deinit { PQfinish(pointer) }

    var isBroken: Bool { PQstatus(pointer) != CONNECTION_OK }

    /// Whether an idle connection still has its other end; asks no more than the socket.
    var isAlive: Bool {
        // Twice: a server's last words come before its end.
        for _ in 0..<2 {
            var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 0) > 0 else { break }
            if PQconsumeInput(pointer) != 1 { return false }
        }
        return !isBroken
    }

    /// For the server's own view of this connection.
    var processID: Int { Int(PQbackendPID(pointer)) }

    // MARK: - Plain statements

    /// Runs statements without parameters, one after the other; not while in pipeline mode.
    ///
    /// - Returns: the first column of the last result's rows, as text.
    @discardableResult
    func run(script: String, patience: Duration) throws(StorageError) -> [String] {
        guard PQsendQuery(pointer, script) == 1 else { throw lost() }
        let deadline = Deadline(patience)
        try flush(deadline)
        var values: [String] = []
        var failure: ServerError?
        while let result = try nextResult(deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK:
                values = (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: values = []
            default: failure = failure ?? ServerError(result)
            }
        }
        if let failure { throw failure.error(doing: "run \"\(script.prefix(200))\"") }
        return values
    }

    // MARK: - Pipelines

    func enterPipeline() throws(StorageError) {
        guard PQenterPipelineMode(pointer) == 1 else { throw lost() }
    }

    /// Only when every result was read.
    func exitPipeline() throws(StorageError) {
        guard PQexitPipelineMode(pointer) == 1 else { throw lost() }
    }

    /// - Parameter types: OIDs; 0: the server works it out.
    func sendPrepare(_ name: String, _ sql: String, types: [Oid]) throws(StorageError) {
        guard PQsendPrepare(pointer, name, sql, CInt(types.count), types) == 1 else { throw lost() }
    }

    func send(prepared name: String, _ parameters: ParameterBuffer) throws(StorageError) {
        let isSent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1) == 1
        }
        guard isSent else { throw lost() }
    }

    /// A statement without parameters and without rows, such as `COMMIT`.
    func send(_ sql: String) throws(StorageError) {
        guard PQsendQueryParams(pointer, sql, 0, nil, nil, nil, nil, 1) == 1 else { throw lost() }
    }

    /// Ends the part of a pipeline that fails or succeeds together.
    func sync() throws(StorageError) {
        guard PQpipelineSync(pointer) == 1 else { throw lost() }
    }

    // MARK: - Waiting

    /// Sends what is buffered, and reads meanwhile, so that neither side waits for the other for ever.
    func flush(_ deadline: Deadline) throws(StorageError) {
        while true {
            switch PQflush(pointer) {
            case 0: return
            case 1:
                try wait(for: Int16(POLLIN | POLLOUT), deadline)
            default: throw lost()
            }
        }
    }

    /// The next result, to be cleared by the caller; `nil`: the statement's results are at an end.
    func nextResult(_ deadline: Deadline) throws(StorageError) -> OpaquePointer? {
        while PQisBusy(pointer) == 1 { try wait(for: Int16(POLLIN), deadline) }
        return PQgetResult(pointer)
    }

    /// What was notified since the last call, and by which connection.
    func notifications() throws(StorageError) -> [(sender: Int, payload: String)] {
        guard PQconsumeInput(pointer) == 1 else { throw lost() }
        var told: [(sender: Int, payload: String)] = []
        while let notification = PQnotifies(pointer) {
            told.append((Int(notification.pointee.be_pid), String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return told
    }

    /// Returns when the server says something, when there is something to read from `descriptor`, or at the deadline.
    func wait(orFor descriptor: CInt, _ deadline: Deadline) throws(StorageError) {
        var both = [PQsocket(pointer), descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&both, 2, deadline.milliseconds) >= 0 || errno == EINTR else { throw lost() }
    }

    private func wait(for events: Int16, _ deadline: Deadline) throws(StorageError) {
        var descriptor = pollfd(fd: PQsocket(pointer), events: events, revents: 0)
        let count = poll(&descriptor, 1, deadline.milliseconds)
        if count < 0, errno == EINTR { return }
        guard count != 0 else {
            throw .unavailable(message: "The database \(address) does not answer.")
        }
        guard count > 0 else { throw lost() }
        if descriptor.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0, PQconsumeInput(pointer) != 1 { throw lost() }
    }

    func lost() -> StorageError {
        .unavailable(message: "The connection to the database \(address) is gone: \(Self.words(of: pointer))")
    }

    /// libpq's own words, in one line.
    private static func words(of pointer: OpaquePointer) -> String {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        return text.split(separator: "\n").joined(separator: " ")
    }
}

/// An instant of the clock that only goes forward.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(_ patience: Duration) {
        instant = ContinuousClock.now + patience
    }

    /// Until then, rounded up and never negative, as `poll` wants it.
    var milliseconds: CInt {
        let rest = (instant - .now) / .milliseconds(1)
        return rest <= 0 ? 0 : CInt(min(rest.rounded(.up), 1_000_000))
    }
}
