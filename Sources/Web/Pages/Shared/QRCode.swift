/// A QR code of a short text: byte mode, error correction M, versions 1 to 10 (213 bytes at most).
///
/// Source: ISO/IEC 18004:2015.
struct QRCode: Equatable, Sendable {
    /// Dark modules, row by row; without the quiet zone.
    private(set) var rows: [[Bool]]
    var size: Int { rows.count }

    private struct Version {
        var number: Int
        /// Error correction bytes of each block, and the data bytes of every block.
        var correction: Int
        var blocks: [Int]
        var alignment: [Int]

        var capacity: Int { blocks.reduce(0, +) }
    }

    private static let versions = [
        Version(number: 1, correction: 10, blocks: [16], alignment: []),
        Version(number: 2, correction: 16, blocks: [28], alignment: [6, 18]),
        Version(number: 3, correction: 26, blocks: [44], alignment: [6, 22]),
        Version(number: 4, correction: 18, blocks: [32, 32], alignment: [6, 26]),
        Version(number: 5, correction: 24, blocks: [43, 43], alignment: [6, 30]),
        Version(number: 6, correction: 16, blocks: [27, 27, 27, 27], alignment: [6, 34]),
        Version(number: 7, correction: 18, blocks: [31, 31, 31, 31], alignment: [6, 22, 38]),
        Version(number: 8, correction: 22, blocks: [38, 38, 39, 39], alignment: [6, 24, 42]),
        Version(number: 9, correction: 22, blocks: [36, 36, 36, 37, 37], alignment: [6, 26, 46]),
        Version(number: 10, correction: 26, blocks: [43, 43, 43, 43, 44], alignment: [6, 28, 50]),
    ]

    /// `nil` for a text that is too long.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = Self.versions.first(where: { bytes.count + ($0.number < 10 ? 2 : 3) <= $0.capacity })
        else { return nil }
        let content = Self.interleaved(Self.data(bytes, version), version)
        let base = Self.Grid(version.number * 4 + 17).withPatterns(version.number, version.alignment)
        let candidates = (0..<8).map { base.filled(with: content, mask: $0) }
        guard let best = candidates.min(by: { $0.penalty < $1.penalty }) else { return nil }
        rows = best.dark
    }

    /// As a picture, with a quiet zone of four modules.
    var svg: String {
        var path = ""
        for (y, row) in rows.enumerated() {
            for (x, isDark) in row.enumerated() where isDark { path += "M\(x + 4) \(y + 4)h1v1h-1z" }
        }
        let side = size + 8
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
            <rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }

    private static func data(_ bytes: [UInt8], _ version: Version) -> [UInt8] {
        var bits: [Bool] = []
        func add(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        add(4, 4)
        add(bytes.count, version.number < 10 ? 8 : 16)
        for byte in bytes { add(Int(byte), 8) }
        add(0, min(4, version.capacity * 8 - bits.count))
        add(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        while data.count < version.capacity {
            data.append(data.count.isMultiple(of: 2) == padsEven(bits) ? 0xEC : 0x11)
        }
        return data
    }

    /// Whether the first byte of padding falls on an even place: it is 0xEC always.
    private static func padsEven(_ bits: [Bool]) -> Bool { (bits.count / 8).isMultiple(of: 2) }

    private static func interleaved(_ data: [UInt8], _ version: Version) -> [UInt8] {
        var start = 0
        let blocks = version.blocks.map { count in
            defer { start += count }
            return Array(data[start..<start + count])
        }
        let divisor = ReedSolomon.divisor(version.correction)
        let corrections = blocks.map { ReedSolomon.remainder(of: $0, by: divisor) }
        let longest = version.blocks.max() ?? 0
        return (0..<longest).flatMap { index in blocks.compactMap { index < $0.count ? $0[index] : nil } }
            + (0..<version.correction).flatMap { index in corrections.map { $0[index] } }
    }
}

/// Error correction over the field of 256 elements with the polynomial 0x11D.
private enum ReedSolomon {
    static func divisor(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    static func remainder(of data: [UInt8], by divisor: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in result.indices { result[index] ^= product(divisor[index], factor) }
        }
        return result
    }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result = 0
        for bit in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x11D
            result ^= Int(right >> bit & 1) * Int(left)
        }
        return UInt8(truncatingIfNeeded: result)
    }
}

extension QRCode {
    /// The modules while they are being set.
    private struct Grid {
        var dark: [[Bool]]
        /// Modules that are no data.
        var fixed: [[Bool]]
        var side: Int { dark.count }

        init(_ side: Int) {
            dark = Array(repeating: Array(repeating: false, count: side), count: side)
            fixed = dark
        }

        private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
            guard (0..<side).contains(x), (0..<side).contains(y) else { return }
            dark[y][x] = isDark
            fixed[y][x] = true
        }

        func withPatterns(_ version: Int, _ alignment: [Int]) -> Grid {
            var grid = self
            for index in 0..<side {
                grid.set(6, index, index.isMultiple(of: 2))
                grid.set(index, 6, index.isMultiple(of: 2))
            }
            for (x, y) in [(3, 3), (side - 4, 3), (3, side - 4)] { grid.setFinder(x, y) }
            let last = alignment.count - 1
            for (i, x) in alignment.enumerated() {
                for (j, y) in alignment.enumerated() {
                    let isFinder = (i == 0 && j == 0) || (i == 0 && j == last) || (i == last && j == 0)
                    if !isFinder { grid.setAlignment(x, y) }
                }
            }
            grid.setFormat(mask: 0)
            grid.setVersion(version)
            return grid
        }

        private mutating func setFinder(_ x: Int, _ y: Int) {
            for dy in -4...4 {
                for dx in -4...4 {
                    let distance = max(abs(dx), abs(dy))
                    set(x + dx, y + dy, distance != 2 && distance != 4)
                }
            }
        }

        private mutating func setAlignment(_ x: Int, _ y: Int) {
            for dy in -2...2 {
                for dx in -2...2 { set(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
            }
        }

        /// Error correction M is 0.
        private mutating func setFormat(mask: Int) {
            var rest = mask
            for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
            let bits = (mask << 10 | rest) ^ 0x5412
            func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
            for index in 0...5 { set(8, index, bit(index)) }
            set(8, 7, bit(6))
            set(8, 8, bit(7))
            set(7, 8, bit(8))
            for index in 9..<15 { set(14 - index, 8, bit(index)) }
            for index in 0..<8 { set(side - 1 - index, 8, bit(index)) }
            for index in 8..<15 { set(8, side - 15 + index, bit(index)) }
            set(8, side - 8, true)
        }

        private mutating func setVersion(_ version: Int) {
            guard version >= 7 else { return }
            var rest = version
            for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
            let bits = version << 12 | rest
            for index in 0..<18 {
                let isDark = bits >> index & 1 == 1
                let (a, b) = (side - 11 + index % 3, index / 3)
                set(a, b, isDark)
                set(b, a, isDark)
            }
        }

        func filled(with content: [UInt8], mask: Int) -> Grid {
            var grid = self
            grid.setFormat(mask: mask)
            var index = 0
            for right in stride(from: side - 1, through: 1, by: -2).map({ $0 <= 6 ? $0 - 1 : $0 }) {
                for step in 0..<side {
                    for x in [right, right - 1] {
                        let isUpward = (right + 1) & 2 == 0
                        let y = isUpward ? side - 1 - step : step
                        guard !fixed[y][x] else { continue }
                        let isSet = index < content.count * 8 && content[index >> 3] >> (7 - index & 7) & 1 == 1
                        grid.dark[y][x] = isSet != Self.isFlipped(mask, x, y)
                        index += 1
                    }
                }
            }
            return grid
        }

        private static func isFlipped(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
            switch mask {
            case 0: (x + y) % 2 == 0
            case 1: y % 2 == 0
            case 2: x % 3 == 0
            case 3: (x + y) % 3 == 0
            case 4: (x / 3 + y / 2) % 2 == 0
            case 5: x * y % 2 + x * y % 3 == 0
            case 6: (x * y % 2 + x * y % 3) % 2 == 0
            default: ((x + y) % 2 + x * y % 3) % 2 == 0
            }
        }

        /// How badly scanners read it: long runs and blocks of one colour, too much of one colour.
        var penalty: Int {
            let columns = (0..<side).map { x in (0..<side).map { dark[$0][x] } }
            let runs = (dark + columns).reduce(0) { $0 + Self.runs(in: $1) }
            var blocks = 0
            for y in 0..<side - 1 {
                for x in 0..<side - 1 {
                    let corner = dark[y][x]
                    if corner == dark[y][x + 1], corner == dark[y + 1][x], corner == dark[y + 1][x + 1] { blocks += 3 }
                }
            }
            let count = dark.reduce(0) { $0 + $1.count { $0 } }
            return runs + blocks + abs(count * 20 - side * side * 10) / (side * side) * 10
        }

        private static func runs(in line: [Bool]) -> Int {
            var (penalty, length) = (0, 0)
            var last: Bool?
            for module in line {
                length = module == last ? length + 1 : 1
                last = module
                if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
            }
            return penalty
        }
    }
}
