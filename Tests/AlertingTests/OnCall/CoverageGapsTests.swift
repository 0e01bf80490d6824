import Alerting
import Testing

struct CoverageGapsTests {
    private let sunday = Rota.span("2026-01-04T02:00:00Z", "2026-01-04T06:00:00Z")
    private let monday = Rota.span("2026-01-05T02:00:00Z", "2026-01-05T06:00:00Z")
    private let horizon = Rota.time("2026-01-31T00:00:00Z")

    private func gaps(_ gaps: TimeSpan..., until: String = "2026-01-31T00:00:00Z") -> CoverageGaps {
        CoverageGaps(horizon: Rota.time(until), gaps: gaps)
    }

    @Test func `given gaps, when they are written and read, then they are the same`() {
        let both = gaps(sunday, monday)

        #expect(CoverageGaps(text: both.text) == both)
        #expect(CoverageGaps(text: gaps().text) == gaps())
        for wrong in ["", "x", "1 2", "1 2-", "1 2-x", "1 2-3-4"] {
            #expect(CoverageGaps(text: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `given nobody was told, then all is news; told, then only what is new or longer`() {
        #expect(gaps(sunday, monday).news(since: nil) == [sunday, monday])
        #expect(gaps(sunday, monday).news(since: gaps(sunday)) == [monday])
        #expect(gaps(sunday).news(since: gaps(sunday, monday)) == [])
        var longer = sunday
        longer.end = longer.end + .hours(1)
        #expect(gaps(longer).news(since: gaps(sunday)) == [longer])
        var shorter = sunday
        shorter.end = shorter.end - .hours(1)
        #expect(gaps(shorter).news(since: gaps(sunday)) == [])
        var earlier = sunday
        earlier.start = earlier.start - .milliseconds(1)
        #expect(gaps(earlier).news(since: gaps(sunday)) == [earlier])
    }

    @Test func `given a gap that has begun meanwhile, or goes on past what was seen, then it is no news`() {
        var begun = sunday
        begun.start = begun.start + .hours(2)
        let open = TimeSpan(start: monday.start, end: horizon)
        var further = open
        further.end = open.end + .days(1)

        #expect(gaps(begun).news(since: gaps(sunday)) == [])
        #expect(gaps(further, until: "2026-02-01T00:00:00Z").news(since: gaps(open)) == [])
    }
}
