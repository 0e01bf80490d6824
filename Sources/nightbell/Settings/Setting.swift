/// Everything that an operator can set; the raw value is its name in the settings file.
enum Setting: String, CaseIterable {
    case dataDir, databaseUrl, role, listen, publicUrl, smtpListen, mailDomain, smtpUrl, mailFrom,
        allowPrivateAddresses, logLevel, logFormat, journalLimit
    case twilioAccountSid, twilioAuthToken, twilioFrom, twilioWhatsappFrom, twilioWhatsappTemplate, twilioBaseUrl
    case smsGatewayUrl, smsGatewayMethod, smsGatewayHeaders, smsGatewayBody, smsGatewayFrom, smsGatewaySuccess
    case smsGatewayPollUrl, smsGatewayPollFields, telegramWebhook
    case telegramToken, telegramBotName, telegramBaseUrl, pushoverToken, pushoverBaseUrl
    case throttleEmail, throttleSms, throttleVoice, throttlePush, providerPlaces
    case rdapUrl, whoisServer
    /// For measuring only; see benchmarks/README.md.
    case benchmarkEndpoint
    /// For the fault tests only.
    case faults

    /// As in `NIGHTBELL_DATA_DIR`.
    var environmentName: String { Self.environmentPrefix + words("_").uppercased() }

    /// As in `--data-dir`. `nil`: a command line is seen by everybody on the machine, and one holds a password.
    var flag: String? { Self.flags.contains(self) ? "--" + words("-") : nil }

    var isSecret: Bool { Self.secrets.contains(self) }

    private static let flags: Set<Setting> = [
        .dataDir, .databaseUrl, .role, .listen, .publicUrl, .mailFrom, .allowPrivateAddresses, .logLevel, .logFormat,
        .smtpListen, .mailDomain, .journalLimit,
    ]
    private static let secrets: Set<Setting> = [
        .smtpUrl, .databaseUrl, .twilioAuthToken, .smsGatewayUrl, .smsGatewayHeaders, .smsGatewayBody,
        .smsGatewayPollUrl,
        .telegramToken, .pushoverToken,
    ]

    static let environmentPrefix = "NIGHTBELL_"
    /// Names the settings file itself, so that it cannot be set there.
    static let fileVariable = "NIGHTBELL_CONFIG"
    /// Variables with our prefix that are no settings of the server.
    static let otherVariables: Set<String> = [
        fileVariable, "NIGHTBELL_TOOLS", "NIGHTBELL_BINARY", "NIGHTBELL_BENCHMARKS", "NIGHTBELL_TEST_DATABASE",
        "NIGHTBELL_PROBE_TOKEN", "NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY",
    ]

    private func words(_ separator: String) -> String {
        rawValue.reduce(into: "") { text, letter in
            text += letter.isUppercase ? separator + letter.lowercased() : String(letter)
        }
    }
}
