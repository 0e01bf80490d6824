import Alerting
import Engine
import Metrics
import NIOCore

/// One connection: takes its bytes apart into lines and mails, and answers.
struct SMTPConnection: Sendable {
    let router: MailRouter
    /// The address of the machine at the other end.
    let client: String
    private var dialog: SMTPDialog
    private var pending: [UInt8] = []
    private var content: SMTPContent?
    private(set) var isOver = false

    /// Bytes; RFC 5321 wants 512, extensions add to it.
    private static let longestLine = 2048

    init(router: MailRouter, hostname: String, client: String) {
        self.router = router
        self.client = client
        dialog = SMTPDialog(hostname: hostname)
    }

    var greeting: SMTPReply { dialog.greeting }

    /// What is answered to more bytes, in their order; nothing more once `isOver`.
    mutating func receive(_ bytes: some Sequence<UInt8>) async -> [SMTPReply] {
        pending += bytes
        var replies: [SMTPReply] = []
        var start = 0
        while !isOver, let reply = await next(from: &start) {
            if let reply = reply.reply { replies.append(reply) }
        }
        pending.removeFirst(min(start, pending.count))
        return replies
    }

    private struct Step {
        var reply: SMTPReply?
    }

    /// Does what the bytes from `start` on ask for; `nil`: more of them are needed.
    private mutating func next(from start: inout Int) async -> Step? {
        if content != nil { return await collect(from: &start) }
        guard let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) else {
            guard pending.count - start > Self.longestLine else { return nil }
            isOver = true
            return Step(reply: SMTPDialog.endlessLine)
        }
        var line = pending[start..<end]
        start = end + 1
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        guard line.count <= Self.longestLine else {
            isOver = true
            return Step(reply: SMTPDialog.endlessLine)
        }
        return Step(reply: await perform(dialog.command(String(decoding: line, as: UTF8.self))))
    }

    private mutating func perform(_ action: SMTPDialog.Action) async -> SMTPReply {
        switch action {
        case .say(let reply): return reply
        case .end(let reply):
            isOver = true
            return reply
        case .collect(let reply):
            content = SMTPContent()
            return reply
        case .ask(let recipient, let sender):
            let answer = await router.answer(recipient: recipient, sender: sender)
            return await perform(dialog.answered(recipient, answer))
        }
    }

    private mutating func collect(from start: inout Int) async -> Step? {
        guard var mail = content else { return nil }
        content = nil
        start += mail.take(pending[start...])
        guard mail.isDone else {
            // Whoever goes on for ever is not waited for.
            guard mail.count <= Limits.mail * 2 else {
                isOver = true
                return Step(reply: await perform(dialog.tooLarge()))
            }
            content = mail
            return start < pending.count ? Step() : nil
        }
        guard !mail.isTooLarge else { return Step(reply: await perform(dialog.tooLarge())) }
        var answers: [MailAnswer] = []
        for recipient in dialog.recipients {
            let answer = await router.receive(
                ReceivedMail(
                    sender: dialog.sender ?? "", recipient: recipient, client: client, content: mail.bytes))
            MailMetrics.count(answer)
            answers.append(answer)
        }
        return Step(reply: await perform(dialog.delivered(answers)))
    }
}

/// How many mails came, by what became of them.
enum MailMetrics {
    private static let taken = counter("taken")
    private static let unknown = counter("unknown")
    private static let refused = counter("refused")
    private static let later = counter("later")

    static func count(_ answer: MailAnswer) {
        switch answer {
        case .taken: taken.increment()
        case .unknown: unknown.increment()
        case .refused: refused.increment()
        case .later: later.increment()
        }
    }

    private static func counter(_ outcome: String) -> Counter {
        Counter(label: "nightbell_mails_received_total", dimensions: [("outcome", outcome)])
    }
}
