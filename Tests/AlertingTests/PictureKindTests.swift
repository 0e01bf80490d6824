import Alerting
import Testing

struct PictureKindTests {
    @Test func `given the first bytes of files, when they are looked at, then only pictures without scripts are known`()
    {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        #expect(PictureKind(png + [0, 1, 2]) == .png)
        #expect(PictureKind([0xFF, 0xD8, 0xFF, 0xE0]) == .jpeg)
        #expect(PictureKind(Array("GIF89a;".utf8)) == .gif)
        #expect(PictureKind(Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)) == .webP)

        #expect(PictureKind([UInt8]()) == nil)
        #expect(PictureKind(png.dropLast()) == nil)
        #expect(PictureKind(Array("RIFF1234WAVE".utf8)) == nil && PictureKind(Array("RIFF1234WEB".utf8)) == nil)
        for text in ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<?xml version='1.0'?><svg/>", "<html>", " GIF89a"] {
            #expect(PictureKind(Array(text.utf8)) == nil)
        }
    }
}
