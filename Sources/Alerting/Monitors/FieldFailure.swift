extension Failure {
    /// What is wrong with a field, by its name on the wire.
    static func field(_ name: String, _ sentence: String) -> Failure {
        Failure(.invalid, "\(name): \(sentence)")
    }
}
