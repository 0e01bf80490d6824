/// A JSON text that was checked, and where everything in it stands; its values are built when they are asked for.
///
/// Most of a request is never looked at: this costs a tenth of the tree.
public struct JSONOutline: Sendable {
    enum Kind: UInt8 {
        case null, yes, no, number, text, object, array
    }

    /// Where a text stands: a range of the bytes, or the index of one that had to be decoded.
    struct Text {
        private let first: UInt32
        private let last: UInt32

        static let none = Text(0, 0)

        init(_ start: Int, _ end: Int) {
            (first, last) = (UInt32(start), UInt32(end))
        }

        init(decoded index: Int) {
            (first, last) = (UInt32(index), .max)
        }

        var decodedIndex: Int? { last == .max ? Int(first) : nil }
        var range: Range<Int> { Int(first)..<Int(last) }
    }

    struct Node {
        var kind: Kind
        /// Of a member of an object.
        var name: Text
        /// Without the quotes of a text; of a container with its brackets.
        var text: Text
        private var following: UInt32

        /// The node after this one and all that is in it.
        var next: Int {
            get { Int(following) }
            set { following = UInt32(newValue) }
        }

        init(kind: Kind, name: Text, text: Text, next: Int) {
            (self.kind, self.name, self.text) = (kind, name, text)
            following = UInt32(next)
        }
    }

    /// As they came.
    public let bytes: [UInt8]
    let nodes: [Node]
    let decoded: [String]

    /// Checks one JSON value (RFC 8259) with nothing after it; a byte order mark before it is skipped.
    ///
    /// - Parameter depthLimit: how deep it may nest.
    public init(_ bytes: [UInt8], depthLimit: Int = Limits.jsonDepth) throws(JSONError) {
        guard bytes.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: bytes.count) }
        let scanner = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            var scanner = JSONScanner(UnsafeRawBufferPointer(buffer), depthLimit: depthLimit)
            try scanner.document()
            return scanner
        }
        self.bytes = bytes
        nodes = scanner.nodes
        decoded = scanner.decoded
    }

    /// The value when it is one text.
    public var text: String? { nodes[Self.outermost].kind == .text ? text(nodes[Self.outermost].text) : nil }

    /// The whole tree.
    public var value: JSONValue { value(at: Self.outermost) }

    /// The place of the outermost value.
    public static let outermost = 0

    /// A member of an object or an item of an array.
    public struct Member {
        /// An item's is its number.
        public var name: String
        public var place: Int
    }

    public func isObject(at place: Int) -> Bool { nodes[place].kind == .object }
    public func isContainer(at place: Int) -> Bool { nodes[place].kind == .object || nodes[place].kind == .array }
    public func isNull(at place: Int) -> Bool { nodes[place].kind == .null }

    /// `JSONValue.scalarText` of the value there.
    public func scalarText(at place: Int) -> String? {
        switch nodes[place].kind {
        case .text: text(nodes[place].text)
        case .null, .object, .array: nil
        case .yes, .no, .number: value(at: place).scalarText
        }
    }

    /// An object's members in the order of their names, of several with one name the last; an array's items in theirs.
    public func members(at place: Int, limit: Int) -> [Member] {
        var members: [Member] = []
        let end = nodes[place].next
        var child = place + 1
        if nodes[place].kind == .array {
            while child < end, members.count < limit {
                members.append(Member(name: String(members.count), place: child))
                child = nodes[child].next
            }
            return members
        }
        members.reserveCapacity(8)
        while child < end {
            members.append(Member(name: text(nodes[child].name), place: child))
            child = nodes[child].next
        }
        guard members.count > 1 else { return members }
        // Sorting is stable, so that of equal names the last one stands last.
        members.sort { $0.name < $1.name }
        if zip(members, members.dropFirst()).allSatisfy({ $0.name != $1.name }) { return members }
        return members.indices.filter { $0 + 1 == members.count || members[$0].name != members[$0 + 1].name }
            .map { members[$0] }
    }

    func text(_ text: Text) -> String {
        if let index = text.decodedIndex { return decoded[index] }
        return bytes.withUnsafeBufferPointer {
            String(decoding: UnsafeBufferPointer(rebasing: $0[text.range]), as: UTF8.self)
        }
    }
}

extension JSONOutline {
    /// Where `steps` lead to; `nil` when they lead nowhere. An index may name a member and a name may be an index, as
    /// in a tree.
    func place(at steps: ArraySlice<ValuePath.Step>, from start: Int = outermost) -> Int? {
        var place = start
        for step in steps {
            guard let next = child(of: place, step) else { return nil }
            place = next
        }
        return place
    }

    private func child(of place: Int, _ step: ValuePath.Step) -> Int? {
        switch (nodes[place].kind, step) {
        case (.object, .member(let name)): member(name, of: place)
        case (.object, .index(let index)): member(String(index), of: place)
        case (.array, .index(let index)): item(index, of: place)
        case (.array, .member(let name)): Int(name).flatMap { item($0, of: place) }
        case (.null, _), (.yes, _), (.no, _), (.number, _), (.text, _): nil
        }
    }

    /// Of several with one name the last.
    func member(_ name: String, of place: Int) -> Int? {
        let end = nodes[place].next
        var found: Int?
        var child = place + 1
        while child < end {
            if isText(nodes[child].name, name) { found = child }
            child = nodes[child].next
        }
        return found
    }

    private func item(_ index: Int, of place: Int) -> Int? {
        guard index >= 0 else { return nil }
        let end = nodes[place].next
        var child = place + 1
        var left = index
        while child < end, left > 0 {
            child = nodes[child].next
            left -= 1
        }
        return child < end ? child : nil
    }

    func children(of place: Int) -> [Int] {
        let end = nodes[place].next
        var children: [Int] = []
        var child = place + 1
        while child < end {
            children.append(child)
            child = nodes[child].next
        }
        return children
    }

    func isArray(at place: Int) -> Bool { nodes[place].kind == .array }

    func isAnswer(at place: Int) -> Bool {
        switch nodes[place].kind {
        case .null, .yes, .no: true
        case .number, .text, .object, .array: false
        }
    }

    /// In bytes.
    func length(at place: Int) -> Int {
        nodes[place].text.decodedIndex.map { decoded[$0].utf8.count } ?? nodes[place].text.range.count
    }

    /// `JSONPlace.isFilled` of the value there.
    func isFilled(at place: Int) -> Bool {
        switch nodes[place].kind {
        case .null, .no: false
        case .text: nodes[place].text.decodedIndex.map { !decoded[$0].isEmpty } ?? !nodes[place].text.range.isEmpty
        case .array: nodes[place].next > place + 1
        case .yes, .number, .object: true
        }
    }

    private func isText(_ text: Text, _ wanted: String) -> Bool {
        if let index = text.decodedIndex { return decoded[index] == wanted }
        let range = text.range
        return range.count == wanted.utf8.count && bytes[range].elementsEqual(wanted.utf8)
    }
}
