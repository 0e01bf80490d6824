public import Alerting
import Foundation

/// The machine's own clock.
public struct SystemClock: Clock {
    public init() {}

    public var now: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
