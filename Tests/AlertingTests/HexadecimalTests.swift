import Alerting
import Testing

struct HexadecimalTests {
    @Test func `given bytes, then each is two lower-case digits`() {
        #expect([0, 9, 10, 0x7F, 0xFF].hexadecimal == "00090a7fff")
        #expect([UInt8]().hexadecimal == "")
    }
}
