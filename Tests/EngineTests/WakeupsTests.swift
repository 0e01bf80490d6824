import Alerting
import Engine
import Storage
import Testing

struct WakeupsTests {
    private static let forever = Duration.seconds(3600)

    @Test func `given a signal before the wait, then the wait ends at once, and the next one does not`() async {
        let waker = Waker()
        waker.signal()
        waker.signal()

        await waker.wait(atMost: Self.forever)

        // Two signals before one wait are one; only the time ends this.
        #expect(await !waker.wait(atMost: .zero))
    }

    @Test func `given that there may be work, then the wait ends, and work is not said to be there`() async {
        let waker = Waker()

        waker.wake()
        #expect(await !waker.wait(atMost: Self.forever))
        waker.wake()
        waker.signal()
        #expect(await waker.wait(atMost: Self.forever))
    }

    @Test func `given a wait, when the signal comes, then it ends`() async {
        let waker = Waker()
        let waiting = Task { await waker.wait(atMost: Self.forever) }
        await Task.yield()

        waker.signal()

        #expect(await waiting.value)
    }

    @Test func `given a wait, when its task is cancelled, before or during it, then it ends`() async {
        let waker = Waker()
        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await waker.wait(atMost: Self.forever)
        }
        await before.value

        let other = Waker()
        let during = Task { await other.wait(atMost: Self.forever) }
        await Task.yield()
        during.cancel()
        #expect(await !during.value)
    }

    @Test func `given many signals from many tasks, then a loop that waits for each never sleeps through the last`()
        async
    {
        let waker = Waker()
        let loop = Task {
            var rounds = 0
            while !Task.isCancelled {
                await waker.wait(atMost: Self.forever)
                rounds += 1
            }
            return rounds
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<500 { waker.signal() } } }
        }

        loop.cancel()
        #expect(await loop.value >= 1)
    }

    @Test func `given listeners, when something changes, then each hears of it, and ends when the server stops`() async
    {
        let changes = ChangeSignal()
        var (first, second) = (changes.changes().makeAsyncIterator(), changes.changes().makeAsyncIterator())

        changes.send()
        changes.send()
        #expect(await first.next() != nil)
        #expect(await second.next() != nil)
        changes.send()
        #expect(await first.next() != nil)

        changes.finish()
        #expect(await first.next() == nil)
    }

    @Test func `given work that was committed, then those who do it are woken`() async {
        let wakeups = Wakeups(lanes: [Lane(.email), Lane(.sms)])

        wakeups.alertsChanged()
        wakeups.messagesQueued()

        await wakeups.escalation.wait(atMost: Self.forever)
        for waker in wakeups.notifications.values { await waker.wait(atMost: Self.forever) }
    }

    @Test func `given messages on one channel, then its first provider is told, its others look, and no other channel`()
        async
    {
        let wakeups = Wakeups(lanes: [Lane(.email), Lane(.sms), Lane(.sms, provider: 1)])

        wakeups.messagesQueued([.sms])

        #expect(await wakeups.notifications[Lane(.sms)]?.wait(atMost: Self.forever) == true)
        #expect(await wakeups.notifications[Lane(.sms, provider: 1)]?.wait(atMost: Self.forever) == false)
        #expect(await wakeups.notifications[Lane(.email)]?.wait(atMost: .zero) == false)
    }
}
