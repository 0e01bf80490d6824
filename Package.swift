// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "nightbell",
    products: [.executable(name: "nightbell", targets: ["nightbell"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        .target(name: "Alerting", swiftSettings: strict),
        .target(name: "Integrations", dependencies: ["Alerting"], swiftSettings: strict),
        .target(
            name: "Storage", dependencies: ["Alerting"],
            resources: [.embedInCode("Migrations")], swiftSettings: strict),
        .target(name: "StorageSQLite", dependencies: ["Storage", "Alerting", grdb, sqlite], swiftSettings: strict),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "StoragePostgres", dependencies: ["Storage", "Alerting", "CLibPQ"], swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: ["Alerting", "Integrations", "Storage", crypto, cryptoExtras, logging, metrics, lifecycle],
            swiftSettings: strict),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(
            name: "Outbound",
            dependencies: [
                "Alerting", "Engine", "CCurl", httpClient, nioCore, nioPosix, nioHTTP1, logging, metrics, lifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Alerting", "Integrations", "Engine", "Storage", hummingbird, hummingbirdCore, mustache, httpTypes,
                nioCore,
                nioPosix, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, crypto, logging, metrics, lifecycle,
            ],
            resources: [.embedInCode("Templates"), .embedInCode("Assets")], swiftSettings: strict),
        .target(
            name: "Simulation", dependencies: ["Alerting", "Integrations", "Storage", "Engine", logging],
            swiftSettings: strict),
        .executableTarget(
            name: "nightbell",
            dependencies: [
                "Alerting", "Integrations", "Storage", "StorageSQLite", "StoragePostgres", "Engine", "Outbound", "Web",
                "Simulation", .product(name: "Yams", package: "Yams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                hummingbird, httpClient, logging, metrics, lifecycle, unixSignals, nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport",
            dependencies: [
                "Alerting", "Storage", "StorageSQLite", "StoragePostgres", "Engine", "Simulation", httpClient, nioCore,
                nioHTTP1,
            ],
            path: "Tests/Support", exclude: ["amazon", "python"], swiftSettings: strict),
        .testTarget(name: "AlertingTests", dependencies: ["Alerting", "Simulation"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationsTests", dependencies: ["Alerting", "Integrations", "Simulation"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Alerting", "Storage", "StorageSQLite", "StoragePostgres", "Simulation", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Alerting", "Integrations", "Storage", "StorageSQLite", "StoragePostgres", "Engine", "Simulation",
                "TestSupport", crypto, logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OutboundTests",
            dependencies: [
                "Alerting", "Engine", "Outbound", "Simulation", "TestSupport", crypto, nioCore, nioPosix, nioHTTP1,
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Alerting", "Integrations", "Storage", "StorageSQLite", "Engine", "Web", "Simulation", "TestSupport",
                hummingbird, hummingbirdTesting, httpTypes, nioCore, nioEmbedded, nioHTTP1, logging, metrics,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SystemTests", dependencies: ["Storage", "StoragePostgres", "TestSupport", "nightbell"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultTests",
            dependencies: ["Alerting", "Storage", "StorageSQLite", "StoragePostgres", "TestSupport", "nightbell"],
            swiftSettings: strict),
        .testTarget(name: "BrowserTests", dependencies: ["TestSupport", "nightbell"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)

// Built only for `benchmarks/run`: in-process requests to be counted by callgrind, and conditions and templates alone.
// Built only for benchmarks: in-process requests to be counted by callgrind, and the on-call calculator.
if Context.environment["NIGHTBELL_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "languages", dependencies: ["Alerting"], path: "benchmarks/Languages", swiftSettings: strict))
    package.products.append(.executable(name: "languages", targets: ["languages"]))
    package.targets.append(
        .executableTarget(
            name: "instructions",
            dependencies: [
                "Alerting", "Storage", "StorageSQLite", "Engine", "Web", hummingbird, hummingbirdTesting, nioCore,
                logging,
            ],
            path: "benchmarks/Instructions", swiftSettings: strict))
    package.products.append(.executable(name: "instructions", targets: ["instructions"]))
    package.targets.append(
        .executableTarget(
            name: "on-call", dependencies: ["Alerting"], path: "benchmarks/OnCall", swiftSettings: strict))
    package.products.append(.executable(name: "on-call", targets: ["on-call"]))
    package.targets.append(
        .executableTarget(
            name: "monitor-history",
            dependencies: ["Alerting", "Storage", "StorageSQLite", "Engine", "Simulation", logging],
            path: "benchmarks/MonitorHistory", swiftSettings: strict))
    package.products.append(.executable(name: "monitor-history", targets: ["monitor-history"]))
}
