import HTTPTypes
import NIOCore

extension FinishedAnswer {
    /// All of it in HTTP/1.1, for a connection that goes on: to have three handlers put an answer together costs more
    /// than all else that is done to say it.
    ///
    /// - Parameter date: as the field of that name has it.
    func written(_ date: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(320 + body.count)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(status.reasonPhrase)
        for field in headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(field.name.rawName)
            bytes.writeStaticString(": ")
            bytes.writeString(field.value)
        }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(body.count))
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        bytes.writeStaticString("\r\n\r\n")
        bytes.writeBytes(body)
        return bytes
    }
}
