import Crypto

/// `md5sum -c` reads it.
enum MD5Sums {
    static let file = "md5sums.txt"

    static func bytes(_ files: [DeliveredFile]) -> [UInt8] {
        Array(files.map { "\($0.md5)  \($0.path)\n" }.joined().utf8)
    }

    static func hash(_ bytes: [UInt8]) -> String { Hexadecimal.text(Insecure.MD5.hash(data: bytes)) }
}

enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
