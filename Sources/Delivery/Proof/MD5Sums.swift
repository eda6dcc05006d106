import Crypto
import LinuxSystem

/// `md5sum -c` reads it.
enum MD5Sums {
    static let file = "md5sums.txt"

    static func bytes(_ files: [DeliveredFile]) -> [UInt8] {
        Array(files.map { "\($0.md5)  \($0.path)\n" }.joined().utf8)
    }

    static func hash(_ bytes: [UInt8]) -> String { Insecure.MD5.hash(data: bytes).hexadecimal }
}
