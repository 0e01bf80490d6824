public import Alerting

/// What the server sends on, as it was set up when it was started last: kept so that a rehearsal knows it, too.
public enum ServerChannels {
    private static let name = "channels"

    public static func set(
        _ channels: [Channel: Throttle], in transaction: any Transaction
    ) throws(StorageError) {
        try Settings.set(name, to: json(channels).text, in: transaction)
    }

    /// Empty when no server was started yet.
    public static func find(in transaction: any Transaction) throws(StorageError) -> [Channel: Throttle] {
        guard let text = try Settings.value(name, in: transaction) else { return [:] }
        do throws(JSONError) {
            return read(try JSONValue.parse(Array(text.utf8)))
        } catch {
            throw .unreadable(column: "settings.channels")
        }
    }

    /// `{"sms": "1/60s 5/900s", …}`.
    static func json(_ channels: [Channel: Throttle]) -> JSONValue {
        .object(
            Dictionary(uniqueKeysWithValues: channels.map { ($0.key.rawValue, .string($0.value.text)) }))
    }

    /// What is no channel of this version is left out.
    static func read(_ json: JSONValue?) -> [Channel: Throttle] {
        var channels: [Channel: Throttle] = [:]
        for (name, value) in json?.object ?? [:] {
            guard let channel = Channel(rawValue: name), let throttle = value.string.flatMap({ Throttle($0) }) else {
                continue
            }
            channels[channel] = throttle
        }
        return channels
    }
}
