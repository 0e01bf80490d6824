import Alerting

/// A table that says which members each owner has, such as `monitor_teams`.
struct LinkTable<Owner, Member>: Sendable {
    private let table: String
    private let owner: String
    private let member: String
    private let limit: Int
    private let clearing: String
    private let adding: String

    /// - Parameters:
    ///   - owner: its column; `member` likewise.
    ///   - limit: rows that are read at once, for all owners together.
    init(_ table: String, owner: String, member: String, limit: Int = 100_000) {
        (self.table, self.owner, self.member, self.limit) = (table, owner, member, limit)
        clearing = "DELETE FROM \(table) WHERE \(owner) = :owner"
        adding = "INSERT INTO \(table) (\(owner), \(member)) VALUES (:owner, :member)"
    }

    /// Gives an owner these members and no others.
    func set(
        _ members: [Identifier<Member>], of id: Identifier<Owner>, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(clearing, ["owner": .init(id)])
        for one in Set(members).sorted() {
            try transaction.execute(adding, ["owner": .init(id), "member": .init(one)])
        }
    }

    /// Adds to each record the members that it has, in ascending order.
    func read<Record>(
        into records: inout [Record], id: KeyPath<Record, Identifier<Owner>>,
        _ members: WritableKeyPath<Record, [Identifier<Member>]>, in transaction: any Transaction
    ) throws(StorageError) {
        guard !records.isEmpty else { return }
        let owners = records.map { $0[keyPath: id] }
        let places = Dictionary(owners.enumerated().map { ($1, $0) }) { first, _ in first }
        var arguments: Arguments = [:]
        let wanted = arguments.list(owners, as: "owner")
        let rows = try transaction.query(
            """
            SELECT \(owner), \(member) FROM \(table) WHERE \(owner) IN (\(wanted))
            ORDER BY \(owner), \(member) LIMIT \(limit)
            """, arguments)
        for row in rows {
            guard let place = places[try row.id(owner)] else { continue }
            records[place][keyPath: members].append(try row.id(member))
        }
    }
}
