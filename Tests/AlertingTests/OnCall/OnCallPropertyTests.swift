import Alerting
import Foundation
import Testing

struct OnCallPropertyTests {
    /// `NIGHTBELL_SEEDS=2000` walks more of them.
    private static let seeds: ClosedRange<UInt64> =
        1...(ProcessInfo.processInfo.environment["NIGHTBELL_SEEDS"].flatMap { UInt64($0) } ?? 60)

    /// A failure prints the seed, which draws the same schedule again.
    @Test(arguments: seeds)
    func `given any schedule, when every minute is walked, then calculator and walk agree without gap or overlap`(
        seed: UInt64
    ) {
        var schedules = RandomSchedules(seed: seed)
        let draw = schedules.draw()
        let calculator = OnCallCalculator(draw.schedule)
        let walk = MinuteWalk(draw.schedule, zone: draw.zone, span: draw.span)

        let shifts = calculator.shifts(in: draw.span)
        let gaps = calculator.gaps(in: draw.span)

        #expect(disagreements(walk, calculator, shifts, gaps, draw.span) == [], "\(draw.zone) \(draw.schedule)")
        for (one, next) in zip(shifts, shifts.dropFirst()) { #expect(one.end <= next.start, "\(one) \(next)") }
        for shift in shifts { #expect(shift.start < shift.end) }
    }

    /// The first few minutes about which the four do not say the same.
    private func disagreements(
        _ walk: MinuteWalk, _ calculator: OnCallCalculator, _ shifts: [Shift], _ gaps: [TimeSpan], _ span: TimeSpan
    ) -> [String] {
        var found: [String] = []
        var (shift, gap) = (0, 0)
        for minute in 0..<Int(span.length.components.seconds / 60) {
            let time = span.start + .minutes(minute)
            let expected = walk.user(at: time)
            while shift < shifts.count, shifts[shift].end <= time { shift += 1 }
            while gap < gaps.count, gaps[gap].end <= time { gap += 1 }
            let inShifts = shift < shifts.count && shifts[shift].span.contains(time) ? shifts[shift].user : nil
            let isGap = gap < gaps.count && gaps[gap].contains(time)
            let isCalculated = minute % 7 != 0 || calculator.onCall(at: time) == expected
            if inShifts != expected || isGap != (expected == nil) || !isCalculated {
                found.append(
                    "\(time.iso8601): walk \(expected?.description ?? "-"), shifts \(inShifts?.description ?? "-")")
            }
            if found.count > 3 { break }
        }
        return found
    }

    @Test(arguments: 200...220 as ClosedRange<UInt64>)
    func `given any schedule, when a shift is looked up in it, then it is the whole one of the list`(seed: UInt64) {
        var schedules = RandomSchedules(seed: seed)
        let draw = schedules.draw()
        let calculator = OnCallCalculator(draw.schedule)
        let wide = TimeSpan(start: draw.span.start - .days(70), end: draw.span.end + .days(70))
        let all = calculator.shifts(in: wide)

        for shift in all where shift.span.overlaps(draw.span) {
            #expect(calculator.shift(at: shift.start) == shift)
            #expect(calculator.shift(at: shift.end - .milliseconds(1)) == shift)
            #expect(calculator.onCall(at: shift.start) == shift.user)
        }
        #expect(calculator.shifts(in: draw.span) == all.filter { $0.span.overlaps(draw.span) })
    }
}
