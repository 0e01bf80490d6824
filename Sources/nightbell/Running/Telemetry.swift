import Logging
import Metrics
import Web

/// What the process tells about itself.
enum Telemetry {
    /// What `/metrics` shows.
    static let registry = PrometheusRegistry()

    /// Directs all logs to standard error and all metrics to the registry; once a process, before anything counts.
    static func start(_ configuration: ServerConfiguration) -> Logger {
        MetricsSystem.bootstrap(registry)
        let (level, format) = (configuration.logLevel, configuration.logFormat)
        LoggingSystem.bootstrap { label in LogLines(label: label, level: level, format: format) }
        let logger = Logger(label: "nightbell")
        for warning in configuration.warnings { logger.warning("\(warning)") }
        return logger
    }
}
