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
    public static func score(_ first: [String], _ second: [String]) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 0 }
        var counts: [String: Int] = [:]
        for word in first { counts[word, default: 0] += 1 }
        var common = 0
        for word in second {
            guard let count = counts[word], count > 0 else { continue }
            counts[word] = count - 1
            common += 1
        }
        return Double(2 * common) / Double(first.count + second.count)
    }
}
