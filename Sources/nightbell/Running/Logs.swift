import Logging
import Metrics
import Web

/// What the process tells about itself.
enum Logs {
    /// Directs all logs to standard error; once a process.
    static func start(_ configuration: ServerConfiguration) -> Logger {
        let (level, format) = (configuration.logLevel, configuration.logFormat)
        LoggingSystem.bootstrap { label in LogLines(label: label, level: level, format: format) }
        let logger = Logger(label: "nightbell")
        for warning in configuration.warnings { logger.warning("\(warning)") }
        return logger
    }
}
