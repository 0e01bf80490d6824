/// A pattern as a list of instructions.
struct PatternProgram: Equatable, Sendable {
    enum Instruction: Equatable, Sendable {
        case scalar(UInt32)
        case folded(UInt32)
        case set(PatternSet)
        case any(includesNewline: Bool)
        /// Goes on at the first, and at the second when that leads nowhere.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case assertion(PatternAssertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    let groups: Int
    private var work = 0

    init(_ node: PatternNode, groups: Int) throws(PatternError) {
        self.groups = groups
        try emit(node)
        try append(.match)
    }

    private mutating func append(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Limits.patternProgram else {
            throw PatternError("its repetitions make it too large", at: 0)
        }
        instructions.append(instruction)
    }

    private mutating func emit(_ node: PatternNode) throws(PatternError) {
        work += 1
        guard work <= Limits.patternProgram * 4 else {
            throw PatternError("its repetitions make it too large", at: 0)
        }
        switch node {
        case .empty: break
        case .scalar(let scalar, let ignoresCase): try append(ignoresCase ? .folded(scalar) : .scalar(scalar))
        case .set(let set): try append(.set(set))
        case .any(let includesNewline): try append(.any(includesNewline: includesNewline))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternatives(let branches): try emit(branches: branches)
        case .repetition(let node, let least, let most, let isGreedy):
            for _ in 0..<least { try emit(node) }
            try emit(optional: node, most: most.map { $0 - least }, isGreedy)
        case .group(let node, let number):
            try append(.save(number * 2))
            try emit(node)
            try append(.save(number * 2 + 1))
        case .assertion(let assertion): try append(.assertion(assertion))
        }
    }

    private mutating func emit(branches: [PatternNode]) throws(PatternError) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try emit(branch)
                break
            }
            let split = instructions.count
            try append(.split(split + 1, 0))
            try emit(branch)
            ends.append(instructions.count)
            try append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func emit(
        optional node: PatternNode, most: Int?, _ isGreedy: Bool
    ) throws(PatternError) {
        guard let most else {
            let split = instructions.count
            try append(.split(0, 0))
            try emit(node)
            try append(.jump(split))
            instructions[split] = Self.split(split + 1, instructions.count, isGreedy)
            return
        }
        var splits: [Int] = []
        for _ in 0..<most {
            splits.append(instructions.count)
            try append(.split(0, 0))
            try emit(node)
        }
        for split in splits { instructions[split] = Self.split(split + 1, instructions.count, isGreedy) }
    }

    private static func split(_ inside: Int, _ after: Int, _ isGreedy: Bool) -> Instruction {
        isGreedy ? .split(inside, after) : .split(after, inside)
    }
}

/// Tries a program at a text, depth first, each instruction at most once at each place.
struct PatternMatcher {
    private enum Job {
        case go(Int, Int)
        case restore(Int, Int)
    }

    private let program: PatternProgram
    private let text: [UInt32]
    private var slots: [Int]
    private var visited: [UInt64] = []
    private var jobs: [Job] = []

    init(_ program: PatternProgram, _ text: String) {
        self.program = program
        self.text = text.unicodeScalars.map(\.value)
        slots = Array(repeating: -1, count: (program.groups + 1) * 2)
    }

    mutating func firstMatch(budget: inout Int) throws(PatternLimit) -> PatternMatch? {
        let places = program.instructions.count * (text.count + 1)
        guard places <= budget else { throw PatternLimit() }
        budget -= places
        visited = Array(repeating: 0, count: places / 64 + 1)
        for start in 0...text.count where canStart(at: start) {
            guard let end = matchEnd(from: start) else { continue }
            return PatternMatch(whole: piece(start, end), groups: captured())
        }
        return nil
    }

    /// A program that begins with a letter is only tried where that stands.
    private func canStart(at position: Int) -> Bool {
        guard case .scalar(let first) = program.instructions[0] else { return true }
        return position < text.count && text[position] == first
    }

    private func captured() -> [String?] {
        guard program.groups > 0 else { return [] }
        return (1...program.groups).map { group in
            let (start, end) = (slots[group * 2], slots[group * 2 + 1])
            return start >= 0 && end >= start ? piece(start, end) : nil
        }
    }

    private func piece(_ start: Int, _ end: Int) -> String {
        var piece = String.UnicodeScalarView()
        for scalar in text[start..<end] {
            if let scalar = Unicode.Scalar(scalar) { piece.append(scalar) }
        }
        return String(piece)
    }

    private mutating func matchEnd(from start: Int) -> Int? {
        jobs.removeAll(keepingCapacity: true)
        jobs.append(.go(0, start))
        while let job = jobs.popLast() {
            switch job {
            case .restore(let slot, let value): slots[slot] = value
            case .go(let counter, let position):
                if let end = run(counter, position) { return end }
            }
        }
        return nil
    }

    /// Follows the first way of every split and notes the others.
    private mutating func run(_ counter: Int, _ position: Int) -> Int? {
        var (counter, position) = (counter, position)
        while true {
            guard visit(counter, position) else { return nil }
            switch program.instructions[counter] {
            case .match: return position
            case .jump(let target): counter = target
            case .split(let first, let second):
                jobs.append(.go(second, position))
                counter = first
            case .save(let slot):
                jobs.append(.restore(slot, slots[slot]))
                slots[slot] = position
                counter += 1
            case .assertion(let assertion):
                guard holds(assertion, at: position) else { return nil }
                counter += 1
            case .scalar(let scalar):
                guard position < text.count, text[position] == scalar else { return nil }
                (counter, position) = (counter + 1, position + 1)
            case .folded(let scalar):
                guard position < text.count, PatternCase.folded(text[position]) == scalar else { return nil }
                (counter, position) = (counter + 1, position + 1)
            case .set(let set):
                guard position < text.count, set.contains(text[position]) else { return nil }
                (counter, position) = (counter + 1, position + 1)
            case .any(let includesNewline):
                guard position < text.count, includesNewline || text[position] != 0x0A else { return nil }
                (counter, position) = (counter + 1, position + 1)
            }
        }
    }

    /// `false` when this was tried before, from another start or on another way, and led nowhere.
    private mutating func visit(_ counter: Int, _ position: Int) -> Bool {
        let place = counter * (text.count + 1) + position
        let bit: UInt64 = 1 << UInt64(place & 63)
        guard visited[place >> 6] & bit == 0 else { return false }
        visited[place >> 6] |= bit
        return true
    }

    private func holds(_ assertion: PatternAssertion, at position: Int) -> Bool {
        switch assertion {
        case .textStart: position == 0
        case .textEnd: position == text.count || position == text.count - 1 && text[position] == 0x0A
        case .lineStart: position == 0 || text[position - 1] == 0x0A
        case .lineEnd: position == text.count || text[position] == 0x0A
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .notWordBoundary: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && PatternSet.words.contains(text[position])
    }
}
