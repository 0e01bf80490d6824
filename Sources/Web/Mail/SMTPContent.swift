import Alerting

/// The mail after `DATA`, up to the line that is a single point; of a long one the beginning is kept.
///
/// Only CRLF ends a line here: whoever takes less for the end can be made to see two mails in one (CVE-2023-51764).
struct SMTPContent: Sendable {
    private enum State { case lineStart, point, pointReturn, text, carriageReturn }

    /// At most `Limits.mailRead` bytes, the points that were doubled for the way single again.
    private(set) var bytes: [UInt8] = []
    /// Of the whole mail.
    private(set) var count = 0
    private(set) var isDone = false
    private var state = State.lineStart

    var isTooLarge: Bool { count > Limits.mail }

    /// Takes bytes up to the mail's end.
    ///
    /// - Returns: how many of them.
    mutating func take(_ more: ArraySlice<UInt8>) -> Int {
        var used = 0
        for byte in more {
            used += 1
            switch (state, byte) {
            case (.lineStart, UInt8(ascii: ".")): state = .point
            case (.point, UInt8(ascii: "\r")): state = .pointReturn
            case (.pointReturn, UInt8(ascii: "\n")):
                isDone = true
                return used
            case (.pointReturn, _):
                // The line was longer than a point; the point itself was only for the way.
                keep(UInt8(ascii: "\r"))
                text(byte)
            default: text(byte)
            }
        }
        return used
    }

    private mutating func text(_ byte: UInt8) {
        keep(byte)
        switch byte {
        case UInt8(ascii: "\r"): state = .carriageReturn
        case UInt8(ascii: "\n") where state == .carriageReturn: state = .lineStart
        default: state = .text
        }
    }

    private mutating func keep(_ byte: UInt8) {
        count += 1
        if bytes.count < Limits.mailRead { bytes.append(byte) }
    }
}
