import ArgumentParser
import Foundation

/// The options of every command that works on a data folder.
struct DataOptions: ParsableArguments {
    @Option(help: "The folder with the database (NIGHTBELL_DATA_DIR; default ./data).")
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "postgres://…: a PostgreSQL database instead of a file in the data folder (NIGHTBELL_DATABASE_URL).",
            discussion: "Others on this machine see a command line: a password is better off in the environment."))
    var databaseUrl: String?

    @Option(help: "A settings file in JSON (NIGHTBELL_CONFIG).")
    var config: String?

    /// - Throws: `ServerConfiguration.Mistakes`.
    func configuration(_ more: [Setting: String?] = [:]) throws(ServerConfiguration.Mistakes) -> ServerConfiguration {
        var flags = more.compactMapValues { $0 }
        flags[.dataDir] = dataDir
        flags[.databaseUrl] = databaseUrl
        return try ServerConfiguration(
            SettingsSources(flags: flags, environment: ProcessInfo.processInfo.environment, file: config))
    }
}

/// What else can be said on the command line of a server.
struct ServerOptions: ParsableArguments {
    @Option(help: "all, api (accepts requests only) or worker (decides and sends only) (NIGHTBELL_ROLE; default all).")
    var role: String?

    @Option(help: "Host and port, as in 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one (NIGHTBELL_LISTEN).")
    var listen: String?

    @Option(help: "The address that links begin with (NIGHTBELL_PUBLIC_URL; default: where the server listens).")
    var publicUrl: String?

    @Option(
        help: "Host and port for mails to alert sources, as in 0.0.0.0:25 (NIGHTBELL_SMTP_LISTEN; default: none taken)."
    )
    var smtpListen: String?

    @Option(
        help: "What addresses of alert sources end in (NIGHTBELL_MAIL_DOMAIN; default: the public URL's host).")
    var mailDomain: String?

    @Option(help: "The sender of mails (NIGHTBELL_MAIL_FROM; default Nightbell <nightbell@localhost>).")
    var mailFrom: String?

    @Option(help: "true: requests that the server sends may go to private addresses.")
    var allowPrivateAddresses: String?

    @Option(
        help: ArgumentHelp(
            "Megabytes of requests kept while PostgreSQL is away; 0: none (NIGHTBELL_JOURNAL_LIMIT; default 256).",
            valueName: "megabytes"))
    var journalLimit: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical (NIGHTBELL_LOG_LEVEL; default info).")
    var logLevel: String?

    @Option(help: "text or json (NIGHTBELL_LOG_FORMAT; default text).")
    var logFormat: String?

    var flags: [Setting: String?] {
        [
            .role: role, .listen: listen, .publicUrl: publicUrl, .smtpListen: smtpListen, .mailDomain: mailDomain,
            .mailFrom: mailFrom,
            .allowPrivateAddresses: allowPrivateAddresses, .logLevel: logLevel,
            .logFormat: logFormat,
        ]
    }
}
