import Storage

/// Changes of one transaction that wait to be sent together.
struct WaitingRows {
    private struct Group {
        var statement: RowStatement
        var rows: [[SQLValue]] = []
        /// The place of the latest row of those that are alike, and how many there are of them.
        var alike: [[SQLValue]: (place: Int, count: Int)] = [:]

        mutating func add(_ values: [SQLValue]) {
            guard let repeats = statement.repeats else { return rows.append(values) }
            let own = repeats.places.map { values[$0] }
            guard let earlier = alike[own] else {
                alike[own] = (rows.count, 1)
                return rows.append(values)
            }
            switch repeats.kind {
            case .merged(let rules):
                for (place, rule) in rules {
                    rows[earlier.place][place] = rule.merge(rows[earlier.place][place], values[place])
                }
            case .numbered(let place):
                alike[own] = (rows.count, earlier.count + 1)
                rows.append(values)
                rows[rows.count - 1][place] = .init(earlier.count + 1)
            }
        }
    }

    private var groups: [GatheredRows: Group] = [:]
    /// By table the rows that are changed, and by what kind of statement last.
    private var subjects: [String: [SQLValue: GatheredRows]] = [:]

    var isEmpty: Bool { groups.isEmpty }

    /// The last of these kinds that has rows that wait.
    func last(of kinds: Set<GatheredRows>) -> GatheredRows? {
        isEmpty ? nil : GatheredRows.allCases.last { kinds.contains($0) && groups[$0] != nil }
    }

    /// - Returns: `false` when those that wait must be sent first.
    mutating func add(_ values: [SQLValue], of statement: RowStatement) -> Bool {
        let kind = statement.gathered.rows
        if let subject = statement.subject {
            // What waits of a kind that is sent later happened before this.
            if let latest = subjects[kind.table]?[values[subject]], latest.rawValue > kind.rawValue { return false }
            subjects[kind.table, default: [:]][values[subject]] = kind
        }
        var group = groups.removeValue(forKey: kind) ?? Group(statement: statement)
        defer { groups[kind] = group }
        guard group.statement === statement else { return false }
        group.add(values)
        return true
    }

    /// What waits, in an order in which each row finds what it refers to.
    ///
    /// - Parameter last: the kinds behind this one's table go on waiting.
    mutating func take(upTo last: GatheredRows) -> [(statement: RowStatement, rows: [[SQLValue]])] {
        let kinds = GatheredRows.allCases.filter { $0.rawValue <= last.rawValue || $0.table == last.table }
        for kind in kinds { subjects[kind.table] = nil }
        return kinds.compactMap { kind in
            groups.removeValue(forKey: kind).map { ($0.statement, $0.rows) }
        }
    }
}

extension GatheredStatement.Merging {
    fileprivate func merge(_ earlier: SQLValue, _ later: SQLValue) -> SQLValue {
        switch self {
        case .last: later
        case .lastGiven: later == .null ? earlier : later
        case .sum, .greatest:
            switch (earlier, later) {
            case (.integer(let first), .integer(let second)):
                .integer(self == .sum ? first + second : max(first, second))
            case (.integer, _): earlier
            default: later
            }
        }
    }
}
