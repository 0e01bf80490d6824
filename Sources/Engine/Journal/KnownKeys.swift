import Alerting
import Foundation
import Integrations
import Storage

/// The alert sources that a node knew when it last looked at the database, in a file beside its journal: a node that
/// is started while the database is away tells by it which requests are for somebody.
///
/// The file has no integration key, only sums of them.
public struct KnownKeys: Sendable {
    struct Source: Sendable {
        var id: AlertSource.ID
        var type: String
        /// Whether its requests have to be proven, which needs more than is known here.
        var needsProof: Bool
    }

    /// Marks what this installation sends; empty: not known.
    public private(set) var instance = ""
    private var sources: [String: Source] = [:]

    /// Nothing is known.
    init() {}

    init(instance: String, _ entries: [SourceEntry]) {
        self.instance = instance
        for entry in entries {
            let needsProof = entry.webhookSecret != nil || entry.integration?.isAmazon == true
            sources[Tokens.sha256(entry.record.integrationKey)] = Source(
                id: entry.record.id, type: entry.record.integrationType, needsProof: needsProof)
        }
    }

    /// What an earlier process has left in a journal's folder; nothing when there is none, or it cannot be read.
    public init(folder: String) {
        guard let data = FileManager.default.contents(atPath: Self.path(folder)),
            let facts = JSONValue(damaged: [UInt8](data)), facts["version"]?.integer == Int64(Self.version)
        else { return }
        instance = facts["instance"]?.string ?? ""
        for source in facts["sources"]?.array ?? [] {
            guard let key = source["key"]?.string, let id = source["id"]?.integer, let type = source["type"]?.string
            else { continue }
            sources[key] = Source(
                id: .init(id), type: type, needsProof: source["needsProof"]?.bool ?? true)
        }
    }

    func find(_ key: String) -> Source? { sources[Tokens.sha256(key)] }

    /// Puts the file in the place of the last one.
    func write(to folder: String) throws {
        let facts: JSONValue = .object([
            "version": .integer(Int64(Self.version)), "instance": .string(instance),
            "sources": .array(
                sources.sorted { $0.key < $1.key }.map { key, source in
                    .object([
                        "key": .string(key), "id": .integer(source.id.rawValue), "type": .string(source.type),
                        "needsProof": .bool(source.needsProof),
                    ])
                }),
        ])
        let path = Self.path(folder)
        guard
            FileManager.default.createFile(
                atPath: path + ".new", contents: Data(facts.text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(path + ".new", path) == 0
        else { throw Failure(.unavailable, "Could not write \(path): \(String(cString: strerror(errno))).") }
    }

    private static func path(_ folder: String) -> String { folder + "/sources.json" }
    private static let version = 1
}

extension JSONValue {
    /// `nil` for bytes that are no JSON.
    fileprivate init?(damaged bytes: [UInt8]) {
        do {
            self = try JSONValue.parse(bytes)
        } catch {
            return nil
        }
    }
}
