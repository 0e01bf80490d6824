/// How alike two summaries are, from 0 (no word in common) to 1 (the same words).
///
/// A summary is cut into words of letters and digits, in lower case; a word with a digit in it becomes `#`, so that
/// numbers, ids and numbered hosts make no difference. The score is twice the number of words in common, each
/// counted as often as it stands in both, divided by the number of words in all (the Sørensen–Dice coefficient over
/// multisets). Order does not count.
public enum Similarity {
    /// The words of `text`, at most `Limits.similarWords`.
    public static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var hasDigit = false
        func finish() {
            guard !word.isEmpty, words.count < Limits.similarWords else { return }
            words.append(hasDigit ? "#" : String(word))
        }
        for scalar in text.lowercased().unicodeScalars {
            let isDigit = scalar.properties.numericType != nil
            if isDigit || scalar.properties.isAlphabetic {
                word.append(scalar)
                hasDigit = hasDigit || isDigit
            } else {
                finish()
                word = String.UnicodeScalarView()
                hasDigit = false
            }
        }
        finish()
        return words
    }

    /// - Returns: 0 when neither has a word.
    public static func score(_ first: Words, _ second: Words) -> Double {
        let (one, other) = (first.hashes, second.hashes)
        guard !one.isEmpty, !other.isEmpty else { return 0 }
        var (common, left, right) = (0, 0, 0)
        while left < one.count, right < other.count {
            if one[left] == other[right] {
                (common, left, right) = (common + 1, left + 1, right + 1)
            } else if one[left] < other[right] {
                left += 1
            } else {
                right += 1
            }
        }
        return Double(2 * common) / Double(one.count + other.count)
    }

    /// Words ready to be compared with many others: each stands for itself by a hash (FNV-1a, 64 bits), in their order.
    public struct Words: Equatable, Sendable {
        fileprivate private(set) var hashes: [UInt64] = []

        /// - Parameter text: what `words(of:)` found, with a blank between each two.
        public init(joined text: String) {
            var hash = Self.offset
            var isInWord = false
            for byte in text.utf8 {
                if byte == 0x20 {
                    if isInWord { hashes.append(hash) }
                    (hash, isInWord) = (Self.offset, false)
                } else {
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                    isInWord = true
                }
            }
            if isInWord { hashes.append(hash) }
            hashes.sort()
        }

        private static let offset: UInt64 = 0xCBF2_9CE4_8422_2325
    }
}
