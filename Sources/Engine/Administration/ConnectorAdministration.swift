public import Alerting
public import Storage

/// A connector as somebody wants it to be.
public struct ConnectorDraft: Equatable, Sendable {
    public var name: String
    /// As on the wire, such as `jira`.
    public var kind: String
    public var params: JSONValue

    public init(name: String, kind: String, params: JSONValue = .object([:])) {
        self.name = name
        self.kind = kind
        self.params = params
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> ConnectorDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        guard let found = ActionKind.named(kind) else {
            throw .invalid("type", "there is no connector type \(Limits.cut(kind, to: 40)).")
        }
        guard params.object != nil else { throw .invalid("params", "must be an object.") }
        try found.check(params, found.connectorFields, "params")
        return draft
    }
}

/// Connectors, as people see and change them. Their secrets are for those who may change them.
public struct ConnectorAdministration: Sendable {
    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [ConnectorRecord] {
        try caller.require(.user, to: "see connectors")
        return try await configuration.read { try Connectors.list(account: caller.account, page: page, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: ConnectorRecord.ID, by caller: Caller) async throws -> ConnectorRecord {
        try caller.require(.user, to: "see connectors")
        return try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func find(name: String, by caller: Caller) async throws -> ConnectorRecord {
        try caller.require(.user, to: "see connectors")
        return try await configuration.read { transaction in
            guard let found = try Connectors.find(name: name, account: caller.account, in: transaction) else {
                throw Failure(.notFound, "There is no connector named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    public func create(_ draft: ConnectorDraft, by caller: Caller) async throws -> ConnectorRecord {
        try caller.require(.user, to: "create connectors")
        let draft = try draft.checked()
        return try await configuration.change { change in
            let record = ConnectorRecord(
                id: try change.newID(), account: caller.account, name: draft.name, kind: draft.kind,
                params: draft.params, createdAt: change.now, updatedAt: change.now)
            try Connectors.insert(record, in: change.transaction)
            try Self.audit("connector.created", record, by: caller, in: change)
            return (record, .alertAction)
        }
    }

    public func update(
        _ id: ConnectorRecord.ID, with draft: ConnectorDraft, by caller: Caller
    ) async throws -> ConnectorRecord {
        try caller.require(.user, to: "change connectors")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var record = try Self.find(id, by: caller, in: change.transaction)
            record.name = draft.name
            record.kind = draft.kind
            record.params = draft.params
            record.updatedAt = change.now
            try Connectors.update(record, in: change.transaction)
            try Self.audit("connector.updated", record, by: caller, in: change)
            return (record, .alertAction)
        }
    }

    /// - Throws: `Failure.conflict` while alert actions use it.
    public func delete(_ id: ConnectorRecord.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete connectors")
        try await configuration.change(conflict: "Alert actions use this connector.") { change in
            let record = try Self.find(id, by: caller, in: change.transaction)
            let everybody = Scope(account: caller.account, user: caller.user, role: .admin)
            let users = try AlertActions.list(
                connector: id, scope: everybody, page: Page(limit: 5), in: change.transaction)
            guard users.isEmpty else {
                throw Failure(.conflict, "In use by alert actions: \(users.map(\.name).joined(separator: ", ")).")
            }
            try Connectors.delete(id, in: change.transaction)
            try Self.audit("connector.deleted", record, by: caller, in: change)
            return ((), .alertAction)
        }
    }

    private static func find(
        _ id: ConnectorRecord.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> ConnectorRecord {
        guard let record = try Connectors.find(id, account: caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no connector \(id).")
        }
        return record
    }

    private static func audit(
        _ action: String, _ record: ConnectorRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "connector", id: record.id.rawValue,
            details: "Connector “\(record.name)”")
    }
}

extension ActionKind {
    /// Bytes of JSON.
    private static let mostBytes = 64 * 1024

    /// - Throws: `Failure.invalid` for a setting that is missing or too large, or a template that is none.
    func check(_ params: JSONValue, _ fields: [Field], _ path: String) throws(Failure) {
        guard params.bytes().count <= Self.mostBytes else {
            throw .invalid(path, "may have at most \(Self.mostBytes) bytes.")
        }
        for field in fields where field.isNeeded {
            let value = params[field.name]
            let isThere = value?.array.map { !$0.isEmpty } ?? value?.scalarText.map { !$0.isEmpty } ?? false
            guard isThere else { throw .invalid("\(path).\(field.name)", "is needed.") }
        }
        for name in ["bodyTemplate", "subject"] {
            guard let text = params[name]?.string, !text.isEmpty else { continue }
            do throws(LanguageError) {
                _ = try Template(text)
            } catch {
                throw .invalid("\(path).\(name)", error.message)
            }
        }
        for name in ["url", "webhookUrl"] {
            guard let text = params[name]?.string, !text.isEmpty else { continue }
            let lower = text.lowercased()
            guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), text.utf8.count <= 4096 else {
                throw .invalid("\(path).\(name)", "must begin with https:// or http://.")
            }
        }
    }
}
