/// The doors for what comes back, and for whether it would; they hold nothing of their own.
extension Engine {
    public var replies: ReplyDesk { ReplyDesk(store: store, wakeups: wakeups, channels: channels) }
    /// For providers that are asked for what people wrote.
    public var fetchedReplies: FetchedReplyDesk {
        FetchedReplyDesk(store: store, wakeups: wakeups, channels: channels)
    }
    public var receipts: ReceiptDesk { ReceiptDesk(store: store, links: links, wakeups: wakeups, channels: channels) }
    public var voice: VoiceDesk { VoiceDesk(store: store, links: links, answers: linkAnswers) }
    public var telegram: TelegramDesk {
        TelegramDesk(store: store, replies: replies, answers: linkAnswers, onChange: wakeups.configurationChanged)
    }
    public var deliveries: DeliveryAdministration { DeliveryAdministration(store: store, wakeups: wakeups) }
    public var subscriptions: SubscriptionDesk { SubscriptionDesk(store: store) }
    public var readiness: ReadinessDesk { ReadinessDesk(store: store, wakeups: wakeups) }
}
