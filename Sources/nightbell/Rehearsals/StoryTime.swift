import Alerting
import Engine

/// An instant as people write it, with the zone in which the answer is told.
struct StoryTime: Equatable {
    var time: Timestamp
    var zone: Zone

    /// Reads `2026-10-25T02:30 Europe/Berlin` (of a time that comes twice the first; of one that is left out the first
    /// instant after) and `2026-10-25T00:30:00Z`.
    ///
    /// - Throws: `Failure.invalid` that names `at`.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: " ")
        if parts.count == 2 {
            guard let zone = Zone(String(parts[1])) else {
                throw .invalid("at", "there is no time zone \(Limits.cut(String(parts[1]), to: 60)).")
            }
            guard let wall = WallTime(String(parts[0])) else { throw Self.unreadable }
            self.init(time: zone.first(wall), zone: zone)
        } else {
            guard let time = Timestamp(iso8601: text), text.utf8.count > 16 else { throw Self.unreadable }
            self.init(time: time, zone: .utc)
        }
    }

    init(time: Timestamp, zone: Zone) {
        self.time = time
        self.zone = zone
    }

    private static let unreadable = Failure.invalid(
        "at", "write it as in \"2026-10-25T02:30 Europe/Berlin\" or 2026-10-25T00:30:00Z.")

    /// `2026-10-25 02:30:00` on the zone's walls.
    func text(_ time: Timestamp) -> String {
        let wall = Timestamp(milliseconds: zone.wallTime(at: time).milliseconds).iso8601
        return wall.prefix(10) + " " + wall.dropFirst(11).prefix(8)
    }

    /// `+1:05` after the beginning, in minutes and seconds; `+2:01:05` from an hour on.
    func offset(_ later: Timestamp) -> String {
        let seconds = max(0, (later - time).wholeMilliseconds / 1000)
        let two = { (number: Int64) in (number < 10 ? "0" : "") + String(number) }
        return seconds < 3600
            ? "+\(seconds / 60):\(two(seconds % 60))"
            : "+\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}

extension Duration {
    /// Reads `90s`, `12m`, `1h30m`, `2d`, and `0`; `nil` for anything else.
    init?(storyText text: String) {
        guard text != "0" else {
            self = .zero
            return
        }
        var total = Duration.zero
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                guard digits.count <= 7 else { return nil }
                continue
            }
            guard let count = Int(digits), let unit = ["s": 1, "m": 60, "h": 3600, "d": 86_400][character] else {
                return nil
            }
            total += .seconds(count * unit)
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty else { return nil }
        self = total
    }

    /// - Throws: `Failure.invalid` that names the field.
    init(storyText text: String, _ field: String) throws(Failure) {
        guard let duration = Duration(storyText: text) else {
            throw .invalid(field, "write it as in 90s, 12m, 1h30m or 2d.")
        }
        self = duration
    }
}
