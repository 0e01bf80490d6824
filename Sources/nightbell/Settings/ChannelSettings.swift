import Alerting
import Engine
import Logging
import Outbound
import ServiceLifecycle

/// The providers that an operator has set up, and what holds for each channel.
struct ChannelSettings {
    var twilio: TwilioSettings?
    var smsGateway: SMSGatewaySettings?
    /// Where the gateway lists what people wrote.
    var smsGatewayPolling: SMSGatewayPolling?
    var pushover: (token: String, baseURL: String)?
    var telegram: TelegramSettings?
    /// What people look the bot up by, without `@`.
    var telegramBotName: String?
    /// Those that are not the usual ones.
    var throttles: [Channel: Throttle]
    /// Messages under way with one provider at a time.
    var places: Int

    /// - Parameter publicURL: `nil`: nobody outside reaches this server, so that providers report nothing back.
    init(_ reader: inout SettingsReader, publicURL: String?) {
        twilio = Self.twilio(&reader, publicURL: publicURL)
        smsGateway = Self.smsGateway(&reader)
        pushover = reader.text(.pushoverToken).map { token in
            (token, Self.url(.pushoverBaseUrl, &reader) ?? PushoverSender.usualBaseURL)
        }
        smsGatewayPolling = Self.polling(&reader, headers: smsGateway?.headers ?? [])
        telegram = Self.telegram(&reader, publicURL: publicURL)
        telegramBotName = reader.text(.telegramBotName)
        throttles = Self.throttles(&reader)
        places = Self.places(&reader)
    }

    private static func twilio(_ reader: inout SettingsReader, publicURL: String?) -> TwilioSettings? {
        guard let account = reader.text(.twilioAccountSid) else { return nil }
        guard let token = reader.text(.twilioAuthToken) else {
            reader.refuse(.twilioAuthToken, "is needed with \(Setting.twilioAccountSid.environmentName)")
            return nil
        }
        guard let from = reader.text(.twilioFrom) else {
            reader.refuse(.twilioFrom, "is needed with \(Setting.twilioAccountSid.environmentName)")
            return nil
        }
        return TwilioSettings(
            accountSID: account, authToken: token, from: from, whatsAppFrom: reader.text(.twilioWhatsappFrom),
            whatsAppTemplate: reader.text(.twilioWhatsappTemplate),
            baseURL: url(.twilioBaseUrl, &reader) ?? TwilioSettings.usualBaseURL, callbackURL: publicURL)
    }

    private static func smsGateway(_ reader: inout SettingsReader) -> SMSGatewaySettings? {
        guard let url = reader.text(.smsGatewayUrl) else { return nil }
        let (method, headers) = (reader.text(.smsGatewayMethod), reader.text(.smsGatewayHeaders))
        let (body, from) = (reader.text(.smsGatewayBody), reader.text(.smsGatewayFrom))
        let success = reader.text(.smsGatewaySuccess)
        do throws(Failure) {
            return try SMSGatewaySettings(
                url: url, method: method ?? "POST", headers: headers ?? "", body: body ?? "", from: from ?? "",
                success: success ?? "2xx")
        } catch {
            reader.refuse(.smsGatewayUrl, "is not usable: \(error.message)")
            return nil
        }
    }

    private static func polling(
        _ reader: inout SettingsReader, headers: [SMSGatewaySettings.Header]
    ) -> SMSGatewayPolling? {
        guard let url = reader.text(.smsGatewayPollUrl) else { return nil }
        let fields = reader.text(.smsGatewayPollFields) ?? ""
        do throws(Failure) {
            return try SMSGatewayPolling(url: url, headers: headers, fields: fields)
        } catch {
            reader.refuse(.smsGatewayPollFields, "is not usable: \(error.message)")
            return nil
        }
    }

    private static func telegram(_ reader: inout SettingsReader, publicURL: String?) -> TelegramSettings? {
        guard let token = reader.text(.telegramToken) else { return nil }
        var settings = TelegramSettings(
            token: token, baseURL: url(.telegramBaseUrl, &reader) ?? TelegramSettings.usualBaseURL)
        guard reader.isOn(.telegramWebhook) else { return settings }
        guard let publicURL, publicURL.hasPrefix("https://") else {
            reader.refuse(
                .telegramWebhook, "needs \(Setting.publicUrl.environmentName) with https, which Telegram can reach")
            return settings
        }
        settings.webhookURL = "\(publicURL)/telegram/updates"
        return settings
    }

    private static func url(_ setting: Setting, _ reader: inout SettingsReader) -> String? {
        guard var text = reader.text(setting) else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            reader.refuse(setting, "must begin with https:// or http://")
            return nil
        }
        return text
    }

    private static func throttles(_ reader: inout SettingsReader) -> [Channel: Throttle] {
        var throttles: [Channel: Throttle] = [:]
        let settings: [(Setting, [Channel])] = [
            (.throttleEmail, [.email]), (.throttleSms, [.sms, .whatsapp]), (.throttleVoice, [.voice]),
            (.throttlePush, [.push, .telegram, .ntfy, .gotify, .pushover]),
        ]
        for (setting, channels) in settings {
            guard let text = reader.text(setting) else { continue }
            guard let throttle = Throttle(text) else {
                reader.refuse(setting, "must be counts and windows, as in \"1/1m 5/15m 11/1h\", or off")
                continue
            }
            for channel in channels { throttles[channel] = throttle }
        }
        return throttles
    }

    private static func places(_ reader: inout SettingsReader) -> Int {
        guard let text = reader.text(.providerPlaces) else { return 16 }
        guard let places = Int(text), (1...64).contains(places) else {
            reader.refuse(.providerPlaces, "must be a number from 1 to 64")
            return 16
        }
        return places
    }

    /// What asks for replies where nobody can send them here.
    ///
    /// - Parameter node: another one for each data folder.
    func pollers(client: GuardedHTTPClient, engine: Engine, node: String, logger: Logger) -> [any Service] {
        let lease = { (name: String) in NodeLease(store: engine.store, name: name, holder: node) }
        var pollers: [any Service] = []
        if let telegram {
            pollers.append(
                TelegramReplies(
                    settings: telegram, client: client, desk: engine.telegram, lease: lease("telegram"),
                    logger: logger))
        }
        var sources: [any ReplySource] = []
        // Where Twilio reaches this server, it sends what people write.
        if let twilio, twilio.callbackURL == nil { sources.append(TwilioReplies(settings: twilio, client: client)) }
        if let smsGatewayPolling {
            sources.append(SMSGatewayReplies(settings: smsGatewayPolling, client: client))
        }
        return pollers
            + sources.map { source in
                ReplyPoller(
                    source: source, desk: engine.fetchedReplies, lease: lease("replies of \(source.name)"),
                    logger: logger)
            }
    }

    /// The senders in the order in which they are tried within their channel.
    func senders(client: GuardedHTTPClient, pushKey: VAPIDKey, clock: any Clock) -> [any Sender] {
        var senders: [any Sender] = []
        if let twilio {
            senders += [
                TwilioSender(.sms, settings: twilio, client: client, places: places),
                TwilioSender(.voice, settings: twilio, client: client, places: places),
            ]
            if twilio.whatsAppFrom != nil {
                senders.append(TwilioSender(.whatsapp, settings: twilio, client: client, places: places))
            }
        }
        if let smsGateway { senders.append(SMSGatewaySender(settings: smsGateway, client: client, places: places)) }
        if let telegram { senders.append(TelegramSender(settings: telegram, client: client)) }
        if let pushover {
            senders.append(PushoverSender(token: pushover.token, baseURL: pushover.baseURL, client: client))
        }
        return senders + [
            WebPushSender(key: pushKey, client: client, clock: clock), NtfySender(client: client),
            GotifySender(client: client),
        ]
    }
}
