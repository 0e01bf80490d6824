/// What a service counts the length of a text in.
public enum TextUnit: Sendable {
    /// Of UTF-8.
    case bytes
    /// Of UTF-16, as JavaScript and Java count; never fewer than scalars.
    case utf16
    /// Code points.
    case scalars

    func count(_ text: some StringProtocol) -> Int {
        switch self {
        case .bytes: text.utf8.count
        case .utf16: text.utf16.count
        case .scalars: text.unicodeScalars.count
        }
    }
}

extension Limits {
    /// `text` cut to `limit` of what its reader counts, the last character an ellipsis when something was cut.
    ///
    /// It is cut between characters as people see them; only where not even one fits, inside of it.
    public static func cut(_ text: String, to limit: Int, of unit: TextUnit) -> String {
        guard text.utf8.count > limit, unit.count(text) > limit else { return text }
        let ellipsis = "…"
        let room = limit - unit.count(ellipsis)
        guard room >= 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            used += unit.count(String(character))
            guard used <= room else { break }
            result.append(character)
        }
        return (result.isEmpty ? scalars(of: text, to: room, unit) : result) + ellipsis
    }

    private static func scalars(of text: String, to room: Int, _ unit: TextUnit) -> String {
        var result = ""
        var used = 0
        for scalar in text.unicodeScalars {
            used += unit.count(String(scalar))
            guard used <= room else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
