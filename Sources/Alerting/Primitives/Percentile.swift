/// A value that so many in a hundred of a sample do not exceed, by the nearest rank.
public enum Percentile {
    /// - Parameters:
    ///   - percent: 1 to 100.
    ///   - sorted: ascending.
    /// - Returns: one of the values; `nil` for an empty sample.
    public static func nearestRank(_ percent: Int, of sorted: [Int64]) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = (sorted.count * min(max(percent, 1), 100) + 99) / 100
        return sorted[rank - 1]
    }
}
