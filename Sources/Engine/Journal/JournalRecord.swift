public import Alerting
public import Integrations

/// How a request is read; kept with it where it is read again later.
public enum IngestForm: Equatable, Sendable {
    /// As the source's integration does; what cannot be read becomes an alert about itself.
    case standard
    /// As a generic event, whatever the source's integration is.
    case generic
    /// As the source's integration does; a fault in it raises nothing.
    case strict
    /// Not let in, with the reason: a line in the event explorer and nothing else.
    case refused(String)
}

/// A request in the journal, with what decides that it is committed once.
public struct JournalRecord: Equatable, Sendable {
    /// Counts the requests of one journal from 1; with the journal's name the id of the request.
    public var sequence: Int64
    /// The batch in which it was sent to the database before, which may have been committed although nobody heard so;
    /// 0: it was not sent.
    public var batch: Int64
    public var source: AlertSource.ID
    public var receivedAt: Timestamp
    /// How many of its alert events were below the source's limit when it came.
    public var allowance: Int
    public var form: IngestForm
    public var request: WebhookRequest

    public init(
        sequence: Int64, batch: Int64, source: AlertSource.ID, receivedAt: Timestamp, allowance: Int, form: IngestForm,
        request: WebhookRequest
    ) {
        self.sequence = sequence
        self.batch = batch
        self.source = source
        self.receivedAt = receivedAt
        self.allowance = allowance
        self.form = form
        self.request = request
    }
}

/// The form of a record on the disk: its length (4 bytes), the sum of its payload (8), and the payload; numbers have
/// their lowest byte first, texts and bytes have their length (4) before them.
extension JournalRecord {
    static let headerSize = 12
    /// A record that claims more is none.
    static let largest = 64 * 1024 * 1024

    func append(to bytes: inout [UInt8]) {
        var payload = JournalWriter()
        payload.integer(sequence)
        payload.integer(batch)
        payload.integer(source.rawValue)
        payload.integer(receivedAt.milliseconds)
        payload.integer(Int64(allowance))
        switch form {
        case .standard: payload.text("standard")
        case .generic: payload.text("generic")
        case .strict: payload.text("strict")
        case .refused(let reason): payload.text("refused:" + reason)
        }
        payload.text(request.method)
        payload.text(request.path)
        payload.text(request.query)
        payload.integer(Int64(request.headers.count))
        for header in request.headers {
            payload.text(header.name)
            payload.text(header.value)
        }
        payload.blob(request.body)
        withUnsafeBytes(of: UInt32(payload.bytes.count).littleEndian) { bytes += $0 }
        withUnsafeBytes(of: Self.sum(of: payload.bytes[...]).littleEndian) { bytes += $0 }
        bytes += payload.bytes
    }

    /// The length of the payload whose record begins here; `nil`: no record begins here.
    static func payloadLength(_ header: ArraySlice<UInt8>) -> Int? {
        guard header.count >= headerSize else { return nil }
        let length = Int(header.prefix(4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
        return length <= largest && length > 0 ? length : nil
    }

    /// - Parameter record: with its header; `nil`: it is cut off or damaged.
    init?(_ record: ArraySlice<UInt8>) {
        guard let length = Self.payloadLength(record), record.count == Self.headerSize + length else { return nil }
        let sum = record.dropFirst(4).prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let payload = record.dropFirst(Self.headerSize)
        guard Self.sum(of: payload) == sum else { return nil }
        var reader = JournalReader(payload)
        guard let sequence = reader.integer(), let batch = reader.integer(), let source = reader.integer(),
            let received = reader.integer(), let allowance = reader.integer(), let form = reader.text(),
            let method = reader.text(), let path = reader.text(), let query = reader.text(),
            let count = reader.integer(), count >= 0, count <= Int64(length)
        else { return nil }
        var headers: [WebhookRequest.Header] = []
        for _ in 0..<count {
            guard let name = reader.text(), let value = reader.text() else { return nil }
            headers.append(WebhookRequest.Header(lowercased: name, value))
        }
        guard let body = reader.blob(), let known = IngestForm(journal: form) else { return nil }
        self.init(
            sequence: sequence, batch: batch, source: .init(source), receivedAt: Timestamp(milliseconds: received),
            allowance: Int(allowance), form: known,
            request: WebhookRequest(method: method, path: path, headers: headers, query: query, body: body))
    }

    /// FNV-1a, eight bytes at a time: finds what a crash has torn, not an attacker.
    private static func sum(of bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(raw.count)
            var index = 0
            while index + 8 <= raw.count {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                hash = (hash ^ word) &* 0x0000_0100_0000_01b3
                hash ^= hash >> 32
                index += 8
            }
            while index < raw.count {
                hash = (hash ^ UInt64(raw[index])) &* 0x0000_0100_0000_01b3
                index += 1
            }
            return hash
        }
    }
}

extension IngestForm {
    fileprivate init?(journal text: String) {
        switch text {
        case "standard": self = .standard
        case "generic": self = .generic
        case "strict": self = .strict
        case let text where text.hasPrefix("refused:"): self = .refused(String(text.dropFirst(8)))
        default: return nil
        }
    }
}

private struct JournalWriter {
    var bytes: [UInt8] = []

    mutating func integer(_ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func text(_ text: String) { blob(Array(text.utf8)) }

    mutating func blob(_ blob: [UInt8]) {
        withUnsafeBytes(of: UInt32(blob.count).littleEndian) { bytes += $0 }
        bytes += blob
    }
}

private struct JournalReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func integer() -> Int64? {
        guard let bytes = take(8) else { return nil }
        return Int64(bitPattern: bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    }

    mutating func text() -> String? { blob().map { String(decoding: $0, as: UTF8.self) } }

    mutating func blob() -> [UInt8]? {
        guard let length = take(4) else { return nil }
        return take(Int(length.reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) })).map(Array.init)
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
