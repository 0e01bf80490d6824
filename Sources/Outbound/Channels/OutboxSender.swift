public import Alerting
public import Engine
import Foundation

/// Writes mails to files when no mail server is configured, so that nothing said is lost and newcomers can look.
///
/// The folder keeps the newest mails only; a name is the time in UTC, the message's id and the attempt.
public actor OutboxSender: Sender {
    public nonisolated let channel = Channel.email
    private nonisolated let executor = BlockingExecutor(label: "nightbell.outbox")
    private let folder: String
    private let identity: MailIdentity
    private let clock: any Clock
    private let limit: Int
    /// Files in the folder; `nil` before the first look.
    private var count: Int?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - folder: made when it does not exist, readable by nobody else.
    ///   - limit: files kept.
    public init(folder: String, identity: MailIdentity, clock: any Clock, limit: Int = 1000) {
        self.folder = folder
        self.identity = identity
        self.clock = clock
        self.limit = limit
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        do throws(Failure) {
            let now = clock.now
            let mail = try MIMEMessage(message, identity: identity, at: now)
            let time = now.iso8601.filter { $0 != "-" && $0 != ":" }
            let name = "\(time)-\(message.id)-\(message.attempt).eml"
            try write(mail.bytes, to: name)
            prune()
            return .delivered(receipt: name)
        } catch {
            guard error.code == .invalid else { return .retry(after: nil, reason: error.message) }
            return .rejected(reason: error.message)
        }
    }

    private func write(_ bytes: [UInt8], to name: String) throws(Failure) {
        if count == nil {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Self.failed("create its folder") }
            count = files().count
        }
        let temporary = "\(folder)/.\(name).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failed("open a file") }
        var written = 0
        while written < bytes.count {
            let step = bytes[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { break }
            written += step
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWhole, rename(temporary, "\(folder)/\(name)") == 0 else {
            let failure = Self.failed("write a file")
            unlink(temporary)
            throw failure
        }
        keepName()
        count = count.map { $0 + 1 }
    }

    /// Makes the new name survive a power cut, too.
    private func keepName() {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func prune() {
        guard let known = count, known > limit else { return }
        let names = files()
        for name in names.dropLast(limit) { unlink("\(folder)/\(name)") }
        count = min(names.count, limit)
    }

    /// Oldest first.
    private func files() -> [String] {
        // An unreadable folder has no files that we could remove.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".eml") }.sorted()
    }

    private static func failed(_ what: String) -> Failure {
        Failure(.unavailable, "The outbox could not \(what) (\(String(cString: strerror(errno)))).")
    }
}
