/// What only the process around the routes knows of itself.
public struct OperationsFacts: Sendable {
    /// Shown by `/metrics`; `nil`: only what is read from the database.
    public var registry: PrometheusRegistry?
    /// Whether the server is about to stop and should get no new requests.
    public var isDraining: @Sendable () -> Bool
    /// What is wrong with the database's file, in a sentence; `nil`: nothing.
    public var damage: @Sendable () -> String?
    /// Why the server takes no more work, in a sentence; `nil`: it does.
    public var standstill: @Sendable () -> String?
    /// Of the database's files together; `nil`: not known.
    public var databaseBytes: @Sendable () -> Int64?

    public init(
        registry: PrometheusRegistry? = nil, isDraining: @escaping @Sendable () -> Bool = { false },
        damage: @escaping @Sendable () -> String? = { nil },
        standstill: @escaping @Sendable () -> String? = { nil },
        databaseBytes: @escaping @Sendable () -> Int64? = { nil }
    ) {
        self.registry = registry
        self.isDraining = isDraining
        self.damage = damage
        self.standstill = standstill
        self.databaseBytes = databaseBytes
    }
}
